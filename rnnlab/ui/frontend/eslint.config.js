// Run it in `rnnlab/ui` with `--config frontend/eslint.config.js`: the panels lie outside of this folder.
import js from "@eslint/js";
import globals from "globals";

const PAGE = { ...globals.browser, Plotly: "readonly" };

export default [
  js.configs.recommended,
  {
    languageOptions: { globals: PAGE },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-implicit-globals": "error",
      "no-shadow": "off",
      "no-unused-vars": ["error", { caughtErrors: "none" }],
      "no-unsanitized-html": "off",
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "What a person or a model wrote is text." },
        { property: "insertAdjacentHTML", message: "What a person or a model wrote is text." },
      ],
      "max-lines": ["error", 250],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ["frontend/boot.js"], languageOptions: { sourceType: "script" }, rules: { "max-lines-per-function": "off" } },
  { files: ["frontend/lib/run_stream.js"], rules: { "max-lines-per-function": ["error", { max: 110, skipComments: true }] } },
  { files: ["**/*.test.js"], languageOptions: { globals: { ...PAGE, ...globals.node } }, rules: { "max-lines-per-function": "off" } },
];
