// How a status looks in three dimensions: a colour, a pattern that grey print keeps, and an outline of its own kind.
import { EdgesGeometry, LineMaterial, LineSegments2, LineSegmentsGeometry, MeshLambertMaterial } from "../three/three.js";
import { STYLES } from "./words.js";

// Patterns stand still on the screen, so that they can be told apart at any distance; `q` counts CSS pixels.
const PATTERNS = {
  stripes: "float k = step(mod(q.x + q.y, 9.0), 1.6);",
  cross: "float k = max(step(mod(q.x + q.y, 9.0), 1.6), step(mod(q.x - q.y, 9.0), 1.6));",
  dots: "float k = step(length(mod(q, 7.0) - 3.5), 1.25);",
  sparse: "float k = step(length(mod(q, 12.0) - 6.0), 1.1);",
};
const EDGE_DEGREES = 25;

function surface(style, ratio) {
  const faint = style.pattern === "sparse";
  const made = new MeshLambertMaterial({
    color: style.color, transparent: faint, opacity: faint ? 0.55 : 1, flatShading: true,
    polygonOffset: true, polygonOffsetFactor: 1, polygonOffsetUnits: 1,
  });
  const pattern = PATTERNS[style.pattern];
  if (pattern) {
    made.onBeforeCompile = (shader) => {
      shader.fragmentShader = shader.fragmentShader.replace("#include <dithering_fragment>",
        `#include <dithering_fragment>
        vec2 q = gl_FragCoord.xy / ${ratio.toFixed(2)};
        ${pattern}
        gl_FragColor.rgb = mix(gl_FragColor.rgb, vec3(0.07, 0.1, 0.14), 0.6 * k);`);
    };
    made.customProgramCacheKey = () => style.pattern + ratio;
  }
  return made;
}

function line(style) {
  const [dash, gap] = (style.dash || "1 0").split(" ").map(Number);
  return new LineMaterial({
    color: "#16202b", linewidth: style.width * 0.75, dashed: Boolean(style.dash), dashSize: dash / 12, gapSize: gap / 12,
    transparent: style.pattern === "sparse", opacity: style.pattern === "sparse" ? 0.5 : 1,
  });
}

/** Materials and outlines by status; equal shapes share their edges. */
export class Looks {
  constructor(ratio) {
    this.surfaces = {}; this.lines = {}; this.edges = new Map();
    for (const [status, style] of Object.entries(STYLES)) {
      this.surfaces[status] = surface(style, ratio);
      this.lines[status] = line(style);
    }
  }

  dress(part) {
    const status = part.placed in STYLES ? part.placed : "conjectural";
    part.mesh.material = this.surfaces[status];
    const shape = part.mesh.geometry;
    if (!this.edges.has(shape.uuid)) {
      const edges = new EdgesGeometry(shape, EDGE_DEGREES);
      this.edges.set(shape.uuid, new LineSegmentsGeometry().fromEdgesGeometry(edges));
      edges.dispose();
    }
    part.outline = new LineSegments2(this.edges.get(shape.uuid), this.lines[status]);
    part.outline.computeLineDistances();
    part.outline.raycast = () => {};
    part.mesh.add(part.outline);
  }

  /** Mark the chosen part, and no other. */
  choose(part, chosen) {
    const status = part.placed in STYLES ? part.placed : "conjectural";
    part.mesh.material.dispose && part.mesh.material !== this.surfaces[status] && part.mesh.material.dispose();
    part.mesh.material = this.surfaces[status];
    if (!chosen) return;
    const marked = this.surfaces[status].clone();
    marked.onBeforeCompile = this.surfaces[status].onBeforeCompile;
    marked.customProgramCacheKey = this.surfaces[status].customProgramCacheKey;
    marked.emissive.set("#7a1fd1");
    marked.emissiveIntensity = 0.9;
    part.mesh.material = marked;
  }

  dispose() {
    for (const one of [...Object.values(this.surfaces), ...Object.values(this.lines), ...this.edges.values()]) one.dispose();
  }
}
