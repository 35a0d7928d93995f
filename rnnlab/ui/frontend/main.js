// @ts-check
// The page's first module. It runs before Gradio's and listens to the page; panels import what they need themselves.

import { keep, kept, watchRefusals, watchUploadButtons } from "./lib/fields.js";
import { anew, byHand, edited, fill, watchForms } from "./lib/form.js";
import { watchGuides } from "./lib/guides.js";
import { plotly } from "./lib/page.js";
import { stageFields } from "./lib/stage.js";
import { suggestBook } from "./lib/suggestion.js";
import { setLanguage, watchSwitches } from "./lib/switches.js";
import { followFieldDirections } from "./lib/text.js";
import { watchTutorials } from "./lib/tutorials.js";

// Gradio's events call these by name (`components/form_restore.py`, `session/persistence.py`).
Object.assign(window.rnnlab, { setLanguage, plotly, keep, kept, suggestBook, stageFields, form: { fill, edited, byHand, anew } });

watchSwitches();
watchTutorials();
watchGuides();
watchForms();
watchRefusals();
watchUploadButtons();
followFieldDirections();
