// The picture: camera, light, ground, picking. It draws when something changed, never in a loop by itself.
import {
  AmbientLight, Box3, BufferGeometry, Color, DirectionalLight, Float32BufferAttribute, HemisphereLight, LineBasicMaterial,
  LineSegments, OrbitControls, PerspectiveCamera, Raycaster, Scene, Vector2, Vector3, WebGLRenderer,
} from "../three/three.js";

const TURN = Math.PI / 24;
const ARMS = { aside: [0.55, 0.72, 0.95], above: [0, 1, 0.001], over: [0.12, 1, 0.35] };
const WIDE = 70, NARROW = 42;

function ground(box) {
  const size = box.getSize(new Vector3());
  const reach = Math.max(size.x, size.z, 10);
  const step = [1, 5, 10, 20, 50, 100, 500, 1000].find((one) => reach / one <= 16) || 2000;
  const middle = box.getCenter(new Vector3());
  const count = Math.ceil(reach / step / 2) + 2;
  const [x0, z0] = [Math.round(middle.x / step) * step, Math.round(middle.z / step) * step];
  const corners = [];
  for (let at = -count; at <= count; at += 1) {
    corners.push(x0 + at * step, 0, z0 - count * step, x0 + at * step, 0, z0 + count * step);
    corners.push(x0 - count * step, 0, z0 + at * step, x0 + count * step, 0, z0 + at * step);
  }
  const shape = new BufferGeometry();
  shape.setAttribute("position", new Float32BufferAttribute(corners, 3));
  const lines = new LineSegments(shape, new LineBasicMaterial({ color: "#aeb7c1" }));
  lines.position.y = -0.16;
  return { lines, step };
}

/** The stage on a canvas; throws where the browser has no WebGL. */
export class Stage {
  constructor(canvas) {
    this.canvas = canvas;
    this.renderer = new WebGLRenderer({ canvas, antialias: true });
    this.ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.renderer.setPixelRatio(this.ratio);
    this.scene = new Scene();
    this.scene.background = new Color("#eef1f4");
    this.scene.add(new HemisphereLight("#ffffff", "#c9ccd1", 1.9), new AmbientLight("#ffffff", 0.5));
    const sun = new DirectionalLight("#ffffff", 1.7);
    sun.position.set(-0.6, 1, 0.35);
    this.scene.add(sun);
    this.camera = new PerspectiveCamera(NARROW, 1, 0.05, 20000);
    this.orbit = new OrbitControls(this.camera, canvas);
    this.orbit.maxPolarAngle = Math.PI / 2 - 0.02;
    this.orbit.addEventListener("change", () => this.ask());
    this.drawn = [];
    this.watch = new ResizeObserver(() => this.resize());
    this.watch.observe(canvas.parentElement);
  }

  /** Call `then` after every picture. */
  after(then) { this.drawn.push(then); }

  ask() {
    if (this.asked) return;
    this.asked = window.requestAnimationFrame(() => {
      this.asked = 0;
      this.renderer.render(this.scene, this.camera);
      this.drawn.forEach((then) => then());
    });
  }

  resize() {
    const { clientWidth, clientHeight } = this.canvas.parentElement;
    if (!clientWidth || !clientHeight) return;
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
    this.ask();
  }

  show(root, parts) {
    if (this.root) this.scene.remove(this.root, this.lines);
    this.root = root;
    this.parts = parts;
    this.byMesh = new Map(parts.map((part) => [part.mesh, part]));
    this.box = parts.reduce((box, part) => box.union(part.box), new Box3());
    if (this.box.isEmpty()) this.box.set(new Vector3(-10, 0, -10), new Vector3(10, 3, 10));
    const { lines, step } = ground(this.box);
    this.lines = lines;
    this.step = step;
    this.scene.add(root, lines);
    this.resize();
  }

  /** Look at a box from the south-east, or (`from` "above") straight down with north up, or ("over") into it. */
  look(box, from = "aside") {
    const middle = box.getCenter(new Vector3());
    const radius = Math.max(box.getSize(new Vector3()).length() / 2, 2);
    const narrow = Math.min(1, this.camera.aspect / 1.3);
    const far = radius / Math.sin((this.camera.fov * Math.PI) / 360) / Math.max(narrow, 0.45) * 0.8;
    const arm = new Vector3(...ARMS[from]);
    this.orbit.target.copy(middle);
    this.camera.position.copy(middle).addScaledVector(arm.normalize(), far);
    this.orbit.update();
    this.ask();
  }

  /** A wide field of view for walking inside, a narrow one for looking on. */
  widen(wide) {
    this.camera.fov = wide ? WIDE : NARROW;
    this.camera.updateProjectionMatrix();
  }

  turn(across, up) {
    const arm = this.camera.position.clone().sub(this.orbit.target);
    const flat = Math.hypot(arm.x, arm.z);
    const azimuth = Math.atan2(arm.x, arm.z) + across * TURN;
    const polar = Math.min(Math.PI / 2 - 0.03, Math.max(0.02, Math.atan2(flat, arm.y) - up * TURN));
    const length = arm.length();
    arm.set(Math.sin(polar) * Math.sin(azimuth), Math.cos(polar), Math.sin(polar) * Math.cos(azimuth)).multiplyScalar(length);
    this.camera.position.copy(this.orbit.target).add(arm);
    this.orbit.update();
    this.ask();
  }

  zoom(factor) {
    this.camera.position.sub(this.orbit.target).multiplyScalar(factor).add(this.orbit.target);
    this.orbit.update();
    this.ask();
  }

  /** The visible part at a place on the page; what lies inside counts before the walls that hold it. */
  pick(clientX, clientY) {
    const box = this.canvas.getBoundingClientRect();
    const at = new Vector2(((clientX - box.left) / box.width) * 2 - 1, 1 - ((clientY - box.top) / box.height) * 2);
    const ray = new Raycaster();
    ray.setFromCamera(at, this.camera);
    const hits = ray.intersectObjects(this.parts.filter((part) => part.mesh.layers.mask & 1).map((part) => part.mesh), false);
    return hits.length ? this.byMesh.get(hits[0].object) : null;
  }

  /** Where a point of the model stands on the canvas, CSS pixels; `null` behind the camera. */
  spot(point) {
    const seen = point.clone().project(this.camera);
    if (seen.z > 1) return null;
    const { clientWidth, clientHeight } = this.canvas;
    return [((seen.x + 1) / 2) * clientWidth, ((1 - seen.y) / 2) * clientHeight];
  }

  /** Angle of north on the screen, degrees clockwise from up. */
  north() {
    const towards = this.camera.getWorldDirection(new Vector3());
    return (Math.atan2(-towards.x, -towards.z) * 180) / Math.PI;
  }

  dispose() {
    window.cancelAnimationFrame(this.asked);
    this.watch.disconnect();
    this.orbit.dispose();
    this.renderer.dispose();
  }
}
