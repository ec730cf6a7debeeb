// Editing a ring or line corner by corner, on a map in any units: drag a corner, drag a small point to add one,
// right-click a corner to take it out; click after click draws a new one.
import { at, metres } from "/desk/ground.js";

// `shape` is {ring, closed}; `snap` may move a dragged corner; `changed` is told after each edit.
export function ringEditor(map, layer, shape, { snap = (ring, index, point) => point, changed }) {
  const draw = () => {
    layer.clearLayers();
    const { ring } = shape;
    const line = (shape.closed ? L.polygon : L.polyline)(ring.map((p) => at(...p)), { color: "#b3261e", weight: 3, fillOpacity: 0.1, interactive: false }).addTo(layer);
    const redraw = () => line.setLatLngs(ring.map((p) => at(...p)));
    const handle = (kind, size, point, drag) => L.marker(at(...point), { icon: L.divIcon({ className: `handle ${kind}`, iconSize: [size, size] }), draggable: true, keyboard: false }).on("drag", drag).on("dragend", edited).addTo(layer);
    ring.forEach((point, index) => {
      handle("vertex", 14, point, (event) => { ring[index] = snap(ring, index, metres(event.target.getLatLng())); redraw(); })
        .on("contextmenu", () => { if (ring.length > (shape.closed ? 3 : 2)) { ring.splice(index, 1); edited(); } });
      if (!shape.closed && index === ring.length - 1) return;
      const next = ring[(index + 1) % ring.length], middle = [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2];
      let added = false;
      handle("middle", 10, middle, (event) => {
        if (!added) { ring.splice(index + 1, 0, middle); added = true; }
        ring[index + 1] = snap(ring, index + 1, metres(event.target.getLatLng()));
        redraw();
      });
    });
  };
  // What it was before each edit, so that one can go back step by step.
  const past = [], now = () => JSON.stringify({ ring: shape.ring, closed: shape.closed });
  let present = now();
  const edited = () => { if (now() !== present) past.push(present); present = now(); draw(); changed(); };
  const undo = () => {
    if (!past.length) return false;
    present = past.pop();
    const { ring, closed } = JSON.parse(present);
    shape.ring.splice(0, shape.ring.length, ...ring);
    shape.closed = closed;
    draw();
    changed();
    return true;
  };
  // A click adds a corner to what is not closed yet; one on the first corner closes it.
  const click = (event) => {
    if (shape.closed) return;
    const [first] = shape.ring;
    if (shape.ring.length > 2 && map.latLngToContainerPoint(at(...first)).distanceTo(event.containerPoint) < 14) shape.closed = true;
    else shape.ring.push(metres(event.latlng));
    edited();
  };
  return { draw, click, edited, undo };
}
