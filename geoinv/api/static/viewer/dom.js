// Elements made of text nodes, so that nothing a record says can become markup.
export function make(tag, options = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") made.className = value;
    else if (name === "text") made.textContent = String(value);
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** How a status looks in the model, for a legend or a list. */
export function swatch(style) {
  const { color, width, dash, pattern } = style;
  const box = svg("svg", { viewBox: "0 0 30 17", class: "gv-swatch", "aria-hidden": "true" });
  box.append(svg("rect", { x: 2, y: 2, width: 26, height: 13, fill: color, "fill-opacity": pattern === "sparse" ? 0.35 : 0.75 }));
  const ink = { stroke: "#1d2733", "stroke-width": 1, "stroke-opacity": 0.75 };
  if (pattern === "stripes" || pattern === "cross") {
    for (const x of [2, 9, 16]) box.append(svg("path", { d: `M${x} 15l13-13`, ...ink }));
  }
  if (pattern === "cross") for (const x of [2, 9, 16]) box.append(svg("path", { d: `M${x} 2l13 13`, ...ink }));
  if (pattern === "dots" || pattern === "sparse") {
    const step = pattern === "dots" ? 5 : 9;
    for (let x = 6; x < 28; x += step) for (const y of [6, 11]) box.append(svg("circle", { cx: x, cy: y, r: 0.9, fill: "#1d2733" }));
  }
  box.append(svg("rect", { x: 2, y: 2, width: 26, height: 13, fill: "none", stroke: "#1d2733", "stroke-width": width * 0.7, "stroke-dasharray": dash || "none" }));
  return box;
}
