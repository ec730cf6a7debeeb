// A GLB as geoinv writes it, as a list of parts: what each is, where it belongs, how it is known, on which level it lies.
import { Box3, GLTFLoader } from "../three/three.js";

/**
 * @typedef {object} Part
 * @property {string} id
 * @property {string} kind building, storey, room, opening, roof, perimeter wall, gate, tower …
 * @property {string} role a room's use, an opening's kind …
 * @property {string[]} labels names witnesses use
 * @property {string} status weakest of its properties
 * @property {string} placed how well it is known where it is; drawings go by this
 * @property {string|null} building id of the building it is in
 * @property {number} level storey counted from the lowest, 0 for what is on the ground
 * @property {{name: string, status: string, interval: object|null, sources: string[], note: string|null}[]} evidence
 * @property {object} mesh
 */

function evidenceOf(extras, shared) {
  return Object.entries(extras.evidence || {}).map(([name, given]) => {
    const one = (typeof given === "number" ? shared[given] : given) || {};
    return {
      name, status: one.status || "conjectural", interval: one.interval || null, sources: one.sources || [],
      value: typeof one.value === "number" ? one.value : null, note: one.note || null,
    };
  });
}

function levels(parts) {
  for (const building of parts.filter((part) => part.kind === "building")) {
    const inside = parts.filter((part) => part.building === building.id);
    const floors = inside.filter((part) => part.kind === "storey").map((part) => part.box.min.y).sort((a, b) => a - b);
    for (const part of inside) {
      const below = floors.filter((floor) => floor <= part.box.min.y + 0.4).length;
      part.level = part.kind === "roof" ? floors.length : Math.max(0, below - 1);
    }
  }
}

/** Read a GLB; throws where it is none. */
export async function load(glbUrl) {
  const answer = await fetch(glbUrl, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const gltf = await new GLTFLoader().parseAsync(await answer.arrayBuffer(), "");
  gltf.scene.updateMatrixWorld(true);
  const shared = gltf.scene.userData.evidence || [];
  const parts = [];
  gltf.scene.traverse((mesh) => {
    if (!mesh.isMesh) return;
    const extras = mesh.userData;
    const above = mesh.parent && mesh.parent.userData.kind === "building" ? mesh.parent.userData.id : null;
    mesh.geometry.computeBoundingBox();
    parts.push({
      id: extras.id, kind: extras.kind, role: extras.role, labels: extras.labels || [], status: extras.status,
      placed: extras.placed || extras.status, hypothesis: extras.hypothesis || null, building: above, level: 0,
      evidence: evidenceOf(extras, shared), mesh,
      box: new Box3().copy(mesh.geometry.boundingBox).applyMatrix4(mesh.matrixWorld),
    });
  });
  levels(parts);
  const about = gltf.asset.extras || {};
  return { parts, about, root: gltf.scene, storeys: 1 + Math.max(0, ...parts.filter((one) => one.kind === "storey").map((one) => one.level)) };
}
