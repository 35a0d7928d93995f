// The form of a tab that trains, and the run that its picture shows. After a reload and in a second window the form has
// the run's settings, and over them what was changed since in this tab of the browser; what differs from the run is
// marked "for the next run". boot.js and panel.js come first. rnnlab/ui/forms.py calls `fill`, `edited`, `byHand` and
// `anew`; a panel calls
//   rnnlab.form.picture(name, settings, reference, asked, trigger)
// with the settings of the run by the id of their field, the reference that it draws, and the one that it was told.
(() => {
  "use strict";
  const forms = new Map();
  const of = (name) => {
    if (!forms.has(name)) forms.set(name, { run: "", base: null, values: null, ids: [], ready: false, filled: new Set(), settings: null });
    return forms.get(name);
  };
  const key = (name, run) => `rnnlab_form_${name}_${run ? "run" : "new"}`;
  const recall = (name, run) => {
    const kept = JSON.parse(sessionStorage.getItem(key(name, run)) ?? "null");
    return kept?.run === run ? kept.edits : {};
  };
  const same = (a, b) => String(a ?? "") === String(b ?? "");

  // Gradio's list of options opens at any key, a moment later: at Tab, when the field has lost the focus, for good.
  window.addEventListener("keydown", (event) => {
    if (event.key === "Tab" && event.target.getAttribute?.("role") === "combobox") event.stopImmediatePropagation();
  }, true);

  // Fields that somebody has touched before the run was found: they stay as they are.
  const touched = new Set();
  for (const kind of ["input", "mousedown", "keydown"]) {
    document.addEventListener(kind, (event) => {
      for (let node = event.target; node instanceof Element; node = node.parentElement) if (node.id) touched.add(node.id);
    }, true);
  }

  function keep(name) {
    const form = of(name), base = form.base ?? form.start;
    if (!form.ready || !base || !form.values) return;
    const edits = {};
    form.ids.forEach((id, i) => { if (id in base && !same(form.values[i], base[id])) edits[id] = form.values[i]; });
    try { sessionStorage.setItem(key(name, form.run), JSON.stringify({ run: form.run, edits })); } catch { return; } // full
  }
  function mark(name) {
    const form = of(name);
    rnnlab.withWords("title", (words) => form.ids.forEach((id, i) => {
      const block = document.getElementById(id), known = form.base && id in form.base;
      if (!block) return;
      const pending = known && !same(form.values[i], form.base[id]);
      const value = known ? String(form.base[id] ?? "") : "";
      block.toggleAttribute("data-next", pending);
      if (pending) block.dataset.next = words.pending;
      for (const input of block.querySelectorAll("input, textarea")) {
        if (pending) input.setAttribute("aria-description", rnnlab.fill(words[value ? "pending_of" : "pending"], { value }));
        else input.removeAttribute("aria-description");
      }
    }));
  }

  // The values that the fields shall have: what was touched, else what was changed since, else the run's, else what it has.
  function fill(name, ids, values) {
    const form = of(name), settings = form.settings ?? {}, edits = recall(name, form.run);
    form.ids = ids;
    form.start ??= Object.fromEntries(ids.map((id, i) => [id, values[i]]));
    form.values = ids.map((id, i) => (touched.has(id) && !same(values[i], form.start[id]) ? values[i] : edits[id] ?? settings[id] ?? values[i]));
    form.ready = true;
    form.seen = Object.fromEntries(ids.map((id, i) => [id, form.values[i]]));
    form.given = Object.fromEntries(ids.map((id, i) => [id, form.values[i]]).filter(([, value], i) => !same(value, values[i])));
    mark(name);
    keep(name);
    return form.values;
  }
  function edited(name, ids, values) {
    Object.assign(of(name), { ids, values });
    keep(name);
    mark(name);
  }
  // forms.py answers with `fill`, unless Gradio is not there yet.
  function ask(form, trigger) {
    if (form.ready) return;
    trigger("submit");
    setTimeout(() => ask(form, trigger), 500);
  }
  // A field's value, if somebody has chosen it; null if it has just been filled in, once.
  function byHand(name, id, value) {
    const form = of(name), given = form.given ?? {}, mine = id in given && same(given[id], value);
    delete given[id];
    return mine || (!form.ready && !touched.has(id)) ? null : value; // Gradio reports a change of all fields that it builds
  }
  // A field's value, if it is another than before: Gradio's lists report an input whenever they lose the focus.
  function anew(name, id, value) {
    const form = of(name), before = (form.seen ??= {})[id] ?? form.start?.[id];
    form.seen[id] = value;
    return same(before, value) ? null : value;
  }
  function picture(name, settings, reference, asked, trigger) {
    const form = of(name), run = reference.startsWith("runs/") ? reference : "";
    const fresh = run !== form.run;
    Object.assign(form, { run, settings, base: run ? settings : null });
    const wanted = !form.filled.has(reference) && (form.filled.size === 0 || asked === `${reference}?back`);
    form.filled.add(reference);
    if (wanted) {
      form.ready = false; // what was changed since is not forgotten before it is back
      ask(form, trigger);
    } else {
      if (fresh) touched.clear();
      if (form.values) mark(name), keep(name);
    }
  }
  const markAll = () => { for (const [name, form] of forms) if (form.values) mark(name); };
  document.addEventListener("rnnlab:language", markAll);
  document.addEventListener("click", () => setTimeout(markAll, 400)); // fields under "Advanced" are built when it opens

  window.rnnlab.form = { fill, edited, byHand, anew, picture };
})();
