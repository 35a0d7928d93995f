// The panel of a lesson that has none of its own: the figures as Python made them, the state of the run, and the plain
// numbers and texts of its last row.
const role = (name) => element.querySelector(`[data-role=${name}]`);
const [state, figures, numbers] = ["state", "figures", "numbers"].map(role);
const { make } = rnnlab;
const lesson = element.closest(".block[id]")?.id ?? element.id; // the panel is named as its lesson
let words = {};

function show(latest) {
  state.textContent = latest.problem ?? rnnlab.fill(words[`state.${latest.state}`], latest);
  const row = latest.rows.at(-1);
  if (!row) return;
  numbers.replaceChildren(...Object.entries(row).filter(([, value]) => typeof value !== "object").map(([name, value]) => {
    const line = make("tr");
    line.append(make("th", "", words[name] ?? name), make("td", "", typeof value === "number" ? rnnlab.number(value) : String(value)));
    return line;
  }));
}
const attach = rnnlab.follow(element, {
  async picture(picture, reference) {
    words = picture.words;
    rnnlab.say(element, words);
    rnnlab.form.picture(lesson, picture.settings, reference, props.value, trigger);
    figures.replaceChildren();
    for (const [name, figure] of Object.entries(picture.figures)) {
      const plot = make("div");
      plot.dataset.figure = name;
      figures.append(plot);
      await rnnlab.draw(plot, figure, picture.dark_colors);
    }
    show(picture);
  },
  news: show,
  lost: () => { state.textContent = words["state.lost"]; },
  gone: () => { state.textContent = words["state.gone"]; },
}, `lessons/${lesson}`);
watch("value", () => attach(props.value));
attach(props.value);
