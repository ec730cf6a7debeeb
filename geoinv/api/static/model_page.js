// The served page of a model: its data stand in a block of JSON, which no policy on scripts concerns.
import { mount } from "./viewer.js";

const block = document.getElementById("geoinv-model-data");
if (block) mount(document.getElementById("model"), JSON.parse(block.textContent));
