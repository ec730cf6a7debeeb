// Walking through the model at eye height; walls stop, doors and gaps let through.
import { Raycaster, Vector3 } from "../three/three.js";

const EYE = 1.6, STRIDE = 0.35, TURN = Math.PI / 16, KEEP = 0.3;
const STOPS = new Set(["storey", "wall", "perimeter wall", "building", "tower"]);

export class Walk {
  constructor(stage) { this.stage = stage; this.on = false; }

  /** Stand in the middle of a part, or before the site. */
  start(part) {
    const { stage } = this;
    const box = part ? part.box : stage.box;
    const middle = box.getCenter(new Vector3());
    this.kept = { at: stage.camera.position.clone(), target: stage.orbit.target.clone() };
    const floor = part && part.kind === "room" ? box.max.y : Math.max(0, part ? 0 : stage.box.min.y);
    const outside = !part || part.kind !== "room";
    stage.camera.position.set(middle.x, floor + EYE, outside ? box.max.z + 6 : middle.z);
    this.yaw = 0; this.pitch = 0; this.on = true;
    stage.orbit.enabled = false;
    stage.widen(true);
    if (!outside) this.yaw = this.longest();
    this.look();
  }

  /** Face where most can be seen. */
  longest() {
    let best = [0, -1];
    for (let yaw = 0; yaw < 2 * Math.PI; yaw += Math.PI / 8) {
      const free = this.free(new Vector3(-Math.sin(yaw), 0, -Math.cos(yaw)));
      if (free > best[1]) best = [yaw, free];
    }
    return best[0];
  }

  stop() {
    if (!this.on) return;
    this.on = false;
    this.stage.orbit.enabled = true;
    this.stage.widen(false);
    this.stage.camera.position.copy(this.kept.at);
    this.stage.orbit.target.copy(this.kept.target);
    this.stage.orbit.update();
    this.stage.ask();
  }

  look() {
    const { camera } = this.stage;
    camera.rotation.order = "YXZ";
    camera.rotation.set(this.pitch, this.yaw, 0);
    this.stage.ask();
  }

  free(direction) {
    const { camera, parts } = this.stage;
    const ray = new Raycaster(camera.position, direction, 0, 60);
    const meshes = parts.filter((part) => STOPS.has(part.kind) && part.mesh.layers.mask & 1).map((part) => part.mesh);
    const hits = ray.intersectObjects(meshes, false);
    return hits.length ? hits[0].distance : 60;
  }

  move(forward) {
    const direction = new Vector3(-Math.sin(this.yaw), 0, -Math.cos(this.yaw)).multiplyScalar(Math.sign(forward));
    const step = Math.min(STRIDE * Math.abs(forward), this.free(direction) - KEEP);
    if (step > 0) this.stage.camera.position.addScaledVector(direction, step);
    this.look();
  }

  turn(left) { this.yaw += left * TURN; this.look(); }

  drag(dx, dy) {
    this.yaw += dx * 0.004;
    this.pitch = Math.max(-1.2, Math.min(1.2, this.pitch + dy * 0.004));
    this.look();
  }
}
