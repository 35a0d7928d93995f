// @ts-check
// The page's first module. It runs before Gradio's and listens to the page; panels import what they need themselves.

import { watchCopyLink } from "./lib/copy_link.js";
import { given, offered, read } from "./lib/drive.js";
import { keep, kept, watchRefusals, watchUploadButtons } from "./lib/fields.js";
import { anew, byHand, edited, fill, watchForms } from "./lib/form.js";
import { watchMainButtons } from "./lib/first_look.js";
import { startLink } from "./lib/link.js";
import { watchGuides } from "./lib/guides.js";
import { plotly } from "./lib/page.js";
import { watchProjector } from "./lib/projector.js";
import { watchSheets } from "./lib/sheet.js";
import { suggestBook } from "./lib/suggestion.js";
import { setLanguage, watchSwitches } from "./lib/switches.js";
import { followFieldDirections } from "./lib/text.js";
import { watchTutorials } from "./lib/tutorials.js";
import { startWatch } from "./lib/watch.js";

// Gradio's events call these by name (`components/form_restore.py`, `components/driving.py`, `session/persistence.py`).
Object.assign(window.rnnlab, { setLanguage, plotly, keep, kept, suggestBook, drive: { given, read, offered }, form: { fill, edited, byHand, anew } });

startWatch(); // this and the next before the open tab of an earlier visit is restored
startLink();
watchSwitches();
watchCopyLink();
watchProjector();
watchSheets();
watchMainButtons();
watchTutorials();
watchGuides();
watchForms();
watchRefusals();
watchUploadButtons();
followFieldDirections();
