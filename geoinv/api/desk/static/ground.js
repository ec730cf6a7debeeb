// A map of one facility in its own metres: scenes as tiles of this desk, dates to swipe between, contrast, measuring,
// scale and north. Leaflet's "latitude" is metres north here, its "longitude" metres east.
import { ask, make, tell, word } from "/desk/desk.js";

export const at = (east, north) => L.latLng(north, east);
export const metres = (place) => [place.lng, place.lat];

function tileLayer(scene, pane) {
  const [west, south, east, north] = scene.bounds;
  const layer = L.tileLayer(`${scene.tiles}/{z}/{x}/{y}`, {
    pane, minZoom: -7, maxZoom: 6, maxNativeZoom: Math.min(5, Math.ceil(Math.log2(1 / scene.gsd)) + 1), noWrap: true, tileSize: 256,
    bounds: L.latLngBounds(at(west, south), at(east, north)), keepBuffer: 3, updateWhenZooming: false,
  });
  // While a large scene is being shrunk its tiles are not there yet.
  layer.on("tileerror", ({ tile }) => {
    const tries = Number(tile.dataset.tries ?? 0);
    if (tries > 40) return;
    tile.dataset.tries = tries + 1;
    setTimeout(() => { if (tile.isConnected) tile.src = `${tile.src.split("?")[0]}?again=${tries}`; }, 900);
  });
  layer.on("tileload", ({ tile }) => { delete tile.dataset.tries; });
  return layer;
}

export async function makeGround(element, slug) {
  const told = await ask("GET", `/facilities/${slug}/ground`);
  const map = L.map(element, { crs: L.CRS.Simple, minZoom: -7, maxZoom: 6, zoomSnap: 0.25, zoomControl: false, attributionControl: true, zoomAnimation: false, fadeAnimation: false });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ position: "topright" }).addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 160 }).addTo(map);
  map.createPane("before").style.zIndex = 200;
  map.createPane("after").style.zIndex = 210;
  map.createPane("drawing").style.zIndex = 380;
  const north = L.control({ position: "topright" });
  north.onAdd = () => make("div", { class: "north", "aria-label": word("north up") }, "▲ " + word("north"));
  north.addTo(map);
  // Where on the screen a place is, for whoever drives the page from outside.
  window.geoinvSpot = (east, north) => {
    const spot = map.latLngToContainerPoint(at(east, north)), box = map.getContainer().getBoundingClientRect();
    return [box.left + spot.x, box.top + spot.y];
  };
  const ground = { map, frame: told.frame, scenes: told.scenes, layers: {} };
  (told.problems ?? []).forEach((problem) => tell(problem, { wrong: true }));
  if (!told.scenes.length) {
    element.append(make("p", { class: "over" }, word("no scene here")));
    map.setView(at(0, 0), 0);
    return ground;
  }
  ground.bar = sceneBar(ground);
  const last = told.scenes[told.scenes.length - 1].bounds;
  map.fitBounds(L.latLngBounds(at(last[0], last[1]), at(last[2], last[3])), { animate: false });
  measuring(ground);
  const away = Math.min(...told.scenes.map((scene) => scene.away));
  if (away > 0) tell(word("scene elsewhere", { far: away >= 1000 ? `${(away / 1000).toFixed(1)} km` : `${Math.ceil(away)} m` }), { stay: true });
  return ground;
}

function sceneBar(ground) {
  const { map, scenes } = ground;
  const name = (scene) => scene.date ?? word("undated scene");
  const choose = (label, index, empty) => {
    const list = make("select", { "aria-label": label });
    if (empty) list.append(make("option", { value: "" }, "—"));
    scenes.forEach((scene, number) => list.append(make("option", { value: number }, name(scene))));
    list.value = index;
    return list;
  };
  const right = choose(word("scene"), scenes.length - 1, false);
  const left = choose(word("compare with"), "", true);
  const swipe = make("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": word("swipe"), disabled: true });
  const contrast = make("input", { type: "range", min: 50, max: 250, value: 100, "aria-label": word("contrast") });
  const measure = make("button", { type: "button", class: "quiet", "aria-pressed": "false" }, word("measure"));
  const bar = make("div", { class: "scene-bar" },
    make("label", {}, word("scene"), right), make("label", {}, word("compare with"), left, swipe),
    make("label", {}, word("contrast"), contrast), measure);
  map.getContainer().before(bar);
  const clip = () => {
    const pane = map.getPane("after");
    if (left.value === "") { pane.style.clip = ""; return; }
    const size = map.getSize(), origin = map.containerPointToLayerPoint([0, 0]);
    const x = origin.x + (size.x * swipe.value) / 100;
    pane.style.clip = `rect(${origin.y}px, ${origin.x + size.x}px, ${origin.y + size.y}px, ${x}px)`;
  };
  const show = () => {
    for (const key of ["before", "after"]) if (ground.layers[key]) { ground.layers[key].remove(); delete ground.layers[key]; }
    const scene = scenes[right.value];
    ground.layers.after = tileLayer(scene, "after").addTo(map);
    if (left.value !== "") ground.layers.before = tileLayer(scenes[left.value], "before").addTo(map);
    swipe.disabled = left.value === "";
    const said = [scene.attribution, scene.simulated ? word("simulated pixels") : ""].filter(Boolean).join(" · ");
    map.attributionControl.getContainer().textContent = said;
    clip();
  };
  right.addEventListener("change", show);
  left.addEventListener("change", show);
  swipe.addEventListener("input", clip);
  map.on("move zoom resize", clip);
  contrast.addEventListener("input", () => {
    for (const pane of ["before", "after"]) map.getPane(pane).style.filter = contrast.value === "100" ? "" : `contrast(${contrast.value}%)`;
  });
  show();
  ground.measureButton = measure;
  return bar;
}

// Distances along clicked points, and the area they enclose.
function measuring(ground) {
  const { map, measureButton } = ground;
  let points = [], line = null, on = false;
  const told = make("div", { class: "measure", hidden: true });
  map.getContainer().append(told);
  const show = () => {
    if (line) line.remove();
    line = L.polyline(points, { color: "#b3261e", weight: 3, dashArray: "6 4", interactive: false }).addTo(map);
    let length = 0, area = 0;
    points.forEach((p, i) => {
      if (i) length += map.distance(points[i - 1], p);
      const q = points[(i + 1) % points.length];
      area += p.lng * q.lat - q.lng * p.lat;
    });
    told.textContent = points.length < 2 ? word("measure hint") : `${length.toFixed(1)} m` + (points.length > 2 ? ` · ${Math.abs(area / 2).toFixed(0)} m²` : "");
  };
  const toggle = (to) => {
    on = to; ground.measuring = on; points = [];
    measureButton.setAttribute("aria-pressed", String(on));
    told.hidden = !on;
    map.getContainer().classList.toggle("crosshair", on);
    if (line) { line.remove(); line = null; }
    if (on) show();
  };
  measureButton.addEventListener("click", () => toggle(!on));
  map.on("click", (event) => { if (on) { points.push(event.latlng); show(); } });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && on) toggle(false); });
}

export const styleOf = (status) => {
  const styles = JSON.parse(document.getElementById("styles").textContent);
  const one = styles[status] ?? styles.conjectural;
  return { color: one.color, weight: one.width, dashArray: one.dash || null, fillColor: one.color, fillOpacity: one.fill };
};

export const shapeLayer = (geometry, options) => L.geoJSON(geometry, options);

export function middleOf(geometry) {
  const ring = geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.type === "MultiPolygon" ? geometry.coordinates[0][0] : null;
  if (!ring) {
    const all = geometry.type === "Point" ? [geometry.coordinates] : geometry.coordinates.flat(geometry.type === "MultiLineString" ? 1 : 0);
    return [0, 1].map((axis) => all.reduce((sum, p) => sum + p[axis], 0) / all.length);
  }
  let area = 0, x = 0, y = 0;
  for (let i = 0; i < ring.length - 1; i++) {
    const cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
    area += cross; x += (ring[i][0] + ring[i + 1][0]) * cross; y += (ring[i][1] + ring[i + 1][1]) * cross;
  }
  return area ? [x / (3 * area), y / (3 * area)] : ring[0];
}

// A shape on a map is a button too: it can be reached and pressed without a mouse.
export function asButton(layer, name, data = {}) {
  layer.eachLayer((part) => {
    const element = part.getElement?.();
    if (!element) return;
    element.setAttribute("role", "button");
    element.setAttribute("tabindex", "0");
    element.setAttribute("aria-label", name);
    Object.assign(element.dataset, data);
    element.addEventListener("keydown", (event) => { if (event.key === "Enter") layer.fire("click", { originalEvent: event }); });
  });
}
