// What a visitor has set: kept over a reload, and marked where it was refused. A tab finds here:
//   rnnlab.keep(name, values)   remembers what the fields of a part of the page show, until the browser's tab is closed
//   rnnlab.kept(name, count, first)  what they showed before a reload, else `first`, as Gradio takes it
//   rnnlab.mark(id, message)    marks the component `id` as refused until it is edited; `message`, if any, stays beside it
//   rnnlab.unmark(part)         takes the marks within an element away
(() => {
  "use strict";

  // --- over a reload ---

  const address = (name) => `rnnlab_fields_${name}`;
  const STAYS = { __type__: "update" }; // Gradio's word for an output that does not change
  const returned = new Set(); // only what has been put back is kept: the page begins with values of its own
  const keep = (name, values) => {
    if (!returned.has(name)) return;
    try { sessionStorage.setItem(address(name), JSON.stringify(values)); } catch { return; } // it is full
  };
  const kept = (name, count, first) => {
    let values = null;
    returned.add(name);
    try { values = JSON.parse(sessionStorage.getItem(address(name))); } catch { values = null; } // not ours
    if (!Array.isArray(values) || values.length !== count) values = first; // of another version of the page
    return Array.from({ length: count }, (_, k) => values[k] ?? STAYS);
  };

  // --- refusals ---

  const CONTROL = "input:not([type=hidden]), textarea, button";
  const unmark = (part) => {
    for (const field of part.querySelectorAll("[data-refused-field]")) {
      field.removeAttribute("data-refused-field");
      field.querySelector(":scope > .refusal")?.remove();
      for (const control of field.querySelectorAll("[aria-invalid]")) {
        control.removeAttribute("aria-invalid");
        control.removeAttribute("aria-describedby");
      }
    }
  };
  const mark = (id, message) => {
    const named = document.getElementById(id);
    if (!named) return false;
    const field = named.matches("button, input, textarea") ? named.parentElement : named;
    const control = named === field ? field.querySelector(CONTROL) : named;
    if (!control) return false;
    unmark(field.parentElement);
    field.dataset.refusedField = id;
    control.setAttribute("aria-invalid", "true");
    if (!message) return true; // it stands elsewhere
    const note = Object.assign(document.createElement("p"), { className: "refusal", id: `${id}-refusal` });
    note.setAttribute("role", "alert");
    note.append(message);
    field.append(note);
    control.setAttribute("aria-describedby", note.id);
    if (named !== field) note.style.insetInlineStart = `${named.offsetLeft}px`; // a button among others
    if (note.getBoundingClientRect().right > innerWidth - 12) Object.assign(note.style, { insetInlineStart: "auto", insetInlineEnd: 0 });
    if (control.offsetParent && !field.contains(document.activeElement)) control.focus({ preventScroll: false });
    return true;
  };
  for (const name of ["input", "change"]) document.addEventListener(name, (event) => {
    const field = event.target.closest?.("[data-refused-field]");
    if (field) unmark(field.parentElement);
  });

  // The server refuses in a message of Gradio's that names the field: <output for="its id">. Once the message stands
  // beside the field, style.css hides the box. One about no field stays until it is closed or something else is done.
  const MESSAGE = "[data-testid=toast-text] output[for]:not(.kept)";
  const take = (box) => {
    for (const output of box.querySelectorAll(MESSAGE)) {
      const text = document.createElement("span");
      text.append(...[...output.childNodes].map((node) => node.cloneNode(true)));
      if (!mark(output.htmlFor.value, text)) continue;
      output.className = "kept";
      output.closest(".toast-message-item")?.setAttribute("data-kept", "");
    }
  };
  const look = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        const box = node instanceof Element && (node.closest(".toast-wrap") ?? node.querySelector(".toast-wrap"));
        if (box) take(box);
      }
    }
  });
  look.observe(document.documentElement, { childList: true, subtree: true });
  const dismiss = () => {
    for (const box of document.querySelectorAll(".toast-body.error")) box.querySelector("[data-testid=toast-close]")?.click();
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[role=tabpanel] button");
    if (!button || !event.isTrusted || button.closest(".toast-wrap, .player, [role=listbox]")) return;
    dismiss();
    unmark(button.closest("[role=tabpanel]"));
  }, { capture: true });

  // --- which files a dialog offers first; any other can be chosen, and is refused by the server in the page's language ---

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[id]"), input = button?.previousElementSibling;
    if (!input?.matches("input[type=file]")) return;
    const { accept } = window.gradio_config.components.find(({ props }) => props.elem_id === button.id)?.props ?? {};
    if (accept) input.accept = accept.join(",");
  }, { capture: true });

  Object.assign(window.rnnlab, { keep, kept, mark, unmark });
})();
