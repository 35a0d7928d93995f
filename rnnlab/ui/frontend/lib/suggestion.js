// @ts-check
// Suggest the recipe for a long text of one's own. The Train tab calls it when text, recipe or corpus change.

/**
 * Tell whether the recipe suits better than the one that is chosen.
 * @param {number} characters of the visitor's text
 * @param {string} recipe
 * @param {string} corpus
 * @param {number} least characters from which on it suits
 */
export const suitsBook = (characters, recipe, corpus, least) => corpus === "own" && recipe !== "book" && characters >= least;

/**
 * Show or hide the suggestion. A pasted text goes before an uploaded one, whose description says its length.
 * @param {string} pasted
 * @param {string} recipe
 * @param {string} corpus
 */
export function suggestBook(pasted, recipe, corpus) {
  requestAnimationFrame(() => { // Gradio draws the description after its change
    const suggestion = document.getElementById("suggest-book"), about = document.querySelector("#about-text [data-characters]");
    const uploaded = about instanceof HTMLElement ? Number(about.dataset.characters) : 0;
    const least = Number(/** @type {HTMLElement | null} */ (suggestion?.querySelector("[data-least]"))?.dataset.least ?? Infinity);
    document.body.toggleAttribute("data-suggest-book", suitsBook(pasted?.length || uploaded, recipe, corpus, least));
  });
}
