// The data that Python sends to the page, and the page's one global. `tests/frontend/test_types.py` compares the
// interfaces marked "From" with the Python side: the names of the fields and the kinds of their values. JSON has null for
// what is infinite or undefined, so a float is `number | null`.

/** Words of one language by their key. */
export type Words = Record<string, string>;

/** What a panel's module gets from Gradio's `js_on_load`. */
export interface PanelContext<Value> {
  element: HTMLElement;
  props: { value: Value };
  watch(prop: "value", then: () => void): void;
  trigger(event: string): void;
}

// --- figures ---

export interface Points {
  x: number[];
  y: (number | null)[];
}

/** A trace of Plotly's; its `uid` is its name in `rnnlab/figures`. */
export interface Trace {
  uid: string;
  name?: string;
  x?: any[];
  y?: any[];
  [property: string]: any;
}

export interface Figure {
  data: Trace[];
  layout: Record<string, any>;
}

/** What Plotly keeps of an axis: its range in the data, and its place in px. */
export interface Axis {
  range: [number, number];
  _length: number;
  _offset: number;
}

/** Where the Train tab stands in a run (`tabs/train/time_travel.js`); the event "rnnlab:epoch" has the first four. */
export interface Moment {
  reference: string;
  epoch: number;
  other: number | null;
  now: number;
  planned: number;
  follows: boolean;
  playing: boolean;
}

/** A plot on the page, with what Plotly and `lib/figures.js` keep on the element. */
export interface Plot extends HTMLElement {
  data: Trace[];
  layout: Record<string, any>;
  _fullLayout: Record<string, any>;
  on(event: string, then: (changes?: any) => void): void;
  watched?: boolean;
  labelling?: boolean;
}

/** From rnnlab.figures.bounds.Bounds.meta. */
export interface BoundsMeta {
  ceiling: number;
  log: boolean;
  middle: number;
  arrows: Record<string, number>;
  numbered: string[];
  beyond: string;
  max_points: number;
  ends: Record<string, LineEnd>;
}

/** From rnnlab.figures.end_labels.End: the right end of a line that has a label there. */
export interface LineEnd {
  x: number | null;
  y: number | null;
  text: string;
  minor: boolean;
}

// --- a run ---

/** From rnnlab.ui.tabs.lesson.news. */
export interface RunNews<Row = any> {
  rows: Row[];
  cursor: number;
  state: string;
  position: number;
  why: string;
  problem: string | null;
}

/** What `server/sse.py` adds to the news: whether they are the last, and whether the stream pauses. */
export interface StreamEnd {
  last: boolean;
  rest: boolean;
}

/** What `server/watch_routes.py` answers to the owner of a run: the query of the link for others; "" if there is none. */
export interface WatchLink {
  query: string;
  own: boolean;
}

export interface RunPayload<Row = any> extends RunNews<Row> {
  live: boolean;
  words: Words;
  dark_colors: Record<string, string>;
  settings: Record<string, any>;
}

/** From rnnlab.ui.tabs.lesson.picture_of_run. */
export interface LessonPayload<Row = any> extends RunPayload<Row> {
  figures: Record<string, Figure>;
  config: Record<string, string>;
}

// --- Train ---

/** From rnnlab.ui.tabs.train.payload.news. */
export interface TrainNews extends RunNews<TrainRow> {
  title: string | null;
  settings: Record<string, any>;
  why: string;
  not_saved: string;
  recording_dropped: boolean;
  recording_ended: string;
  epochs: number;
  progress: EpochProgress | null;
  stopped_early: boolean;
  diverged: TrainDivergedRow | null;
  test_perplexity: number | null;
}

/** How far a long epoch is, from rnnlab.experiments.language_model.trainer. */
export interface EpochProgress {
  epoch: number;
  step: number;
  steps: number;
  perplexity: number | null;
  seconds: number;
}

/** From rnnlab.ui.tabs.train.payload.picture_of_run. */
export interface TrainPayload extends TrainNews {
  live: boolean;
  words: Words;
  dark_colors: Record<string, string>;
  figure: Figure;
  model: string;
  baselines: [string, ...(number | null)[]][];
  counted: { counted: number; train: number };
  last: EpochRow | null;
  steps: (number | null)[];
  uniform: number | null;
  scheduled: boolean;
  keep: string;
  clip: { limit: number | null; by: "norm" | "value" };
  interim: ProgressRow | null;
  epoch_rows: EpochRow[];
  min_copied: number | null;
  untrained: UntrainedRow | null;
  first_sample: number;
  device: string;
  device_trouble: string;
}

/** From rnnlab.ui.tabs.train.earlier.summary. */
export interface RunSummary {
  title: string;
  model: string;
  over: boolean;
  epochs: number;
  perplexity: number | null;
  held_out: number | null;
  has_held_out: boolean;
  uniform: number | null;
  differences: [string, string, string][];
  color: string;
  curve: Points;
  held_out_curve: Points;
}

export interface StartRow {
  kind: "start";
}

/** From rnnlab.experiments.language_model.events.Untrained. */
export interface UntrainedRow {
  kind: "untrained";
  epoch: number;
  samples: string[];
  missing: string[];
  copied_share: number | null;
  longest_copied: number;
  copied_runs: [number, number][][];
}

/** The n-grams of a long text have been counted; the page asks for the whole again. */
export interface BaselinesRow {
  kind: "baselines";
}

export interface StepRow {
  kind: "step";
  x: number;
  y: number | null;
}

export interface ChangedRow {
  kind: "changed";
  learning_rate: number;
}

/** From rnnlab.experiments.language_model.events.Progress. */
export interface ProgressRow {
  kind: "progress";
  epoch: number;
  step: number;
  steps: number;
  perplexity: number | null;
  held_out_perplexity: number | null;
  samples: string[];
  copied_share: number | null;
  longest_copied: number;
  copied_runs: [number, number][][];
}

/** From rnnlab.experiments.language_model.events.Epoch. */
export interface EpochRow {
  kind: "epoch";
  epoch: number;
  perplexity: number | null;
  held_out_perplexity: number | null;
  tokens_per_second: number | null;
  seconds: number | null;
  grad_norm: number | null;
  clipped: number | null;
  samples: string[];
  learning_rate: number | null;
  copied_share: number | null;
  longest_copied: number;
  copied_runs: [number, number][][];
}

/** From rnnlab.experiments.divergence.EpochDiverged. */
export interface TrainDivergedRow {
  kind: "diverged";
  epoch: number;
  step: number;
  kept_epoch: number;
}

export type TrainRow = StartRow | BaselinesRow | UntrainedRow | StepRow | ChangedRow | EpochRow | TrainDivergedRow | ProgressRow;

/** From rnnlab.ui.tabs.train.surprise._window. */
export interface SurpriseWindow {
  start: number;
  window: number;
  shown: number;
  total: number;
  mean_bits: number | null;
  tenths: (number | null)[];
  pieces?: string[];
}

/** From rnnlab.ui.tabs.train.surprise.surprise_value. */
export interface SurpriseValue {
  epoch: number;
  wanted: number;
  now: number;
  live: boolean;
  has_model: boolean;
  source: string;
  replay: string;
  replay_seconds: number;
  vocab_size: number;
  words: boolean;
  parts: Record<string, SurpriseWindow | null>;
}

/** From rnnlab.ui.tabs.train.surprise.expected_value. */
export interface ExpectedValue {
  epoch: number;
  part: string;
  place: number;
  token: string;
  bits: number;
  likeliest: [string, number][];
}

// --- hello ---

/** From rnnlab.experiments.hello.Started, and the lines of Python. */
export interface HelloStartedRow {
  kind: "started";
  vocabulary: string;
  source_ids: number[];
  target_ids: number[];
  parameters: number;
  smallest_loss: number | null;
  lines: string[];
  equations: CellEquation[];
}

/** An equation of the cell or of the output, from `equations_of` in `hello/payload.py`. */
export interface CellEquation {
  letter: string;
  formula: string;
  code: string;
  activation: string;
  block: number;
  times: string;
  by: string;
  upstream: string;
}

/** The numbers of one step that `hello/payload.py` sends; those of `values`, `own`, `later` and `slope` by letter. */
export interface CellStep {
  x_t: number[];
  h_prev: number[];
  c_prev: number[];
  from_x: number[];
  from_h: number[];
  sum: number[];
  values: Record<string, number[]>;
  h_t: number[];
  logits: number[];
  probabilities: number[];
  predicted: number;
  d_logits: number[];
  own: Record<string, number[]>;
  later: Record<string, number[]>;
  slope: Record<string, number[]>;
}

export interface HelloPointRow {
  kind: "epoch" | "finished";
  epoch: number;
  loss: number | null;
  predicted: string;
}

/** From rnnlab.experiments.hello.NetworkState, and the walk through the word. */
export interface LookRow extends HelloPointRow {
  weight_ih: number[][];
  weight_hh: number[][];
  bias_ih: number[];
  bias_hh: number[];
  weight_out: number[][];
  bias_out: number[];
  m: number[];
  v: number[];
  steps: CellStep[];
}

export type HelloRow = HelloStartedRow | HelloPointRow | LookRow;
export type HelloPayload = LessonPayload<HelloRow>;
export type HelloNews = RunNews<HelloRow>;

// --- sine ---

/** From rnnlab.experiments.sine.events.Started. */
export interface SineStartedRow {
  kind: "started";
  memories: string[];
  points: number;
  windows: number;
  free_run: number;
  parameters: number;
  floor: number | null;
}

/** From rnnlab.experiments.sine.events.Window, without `t` and `target`, which the page computes. */
export interface WindowRow {
  kind: "window";
  window: number;
  memory: string;
  input: (number | null)[];
  prediction: (number | null)[];
  loss: number | null;
  mean_loss: number | null;
}

/** From rnnlab.experiments.sine.events.FreeRun, without `t` and `target`. */
export interface FreeRunRow {
  kind: "freerun";
  window: number;
  memory: string;
  input: (number | null)[];
  prediction: (number | null)[];
  error: number | null;
}

/** From rnnlab.experiments.sine.events.WindowDiverged. */
export interface SineDivergedRow {
  kind: "diverged";
  window: number;
  memory: string;
}

/** From rnnlab.experiments.sine.events.Finished. */
export interface SineFinishedRow {
  kind: "finished";
  windows: number;
  memories: string[];
  mean_losses: (number | null)[];
  mean_errors: (number | null)[];
}

/** From rnnlab.experiments.sine.events.PhasePlane; points are [x, y], eigenvalues [real, imaginary]. */
export interface PhasePlaneRow {
  kind: "phaseplane";
  window: number;
  memory: string;
  driven: [number, number][];
  alone: [number, number][];
  alone_per_window: number | null;
  explained: number[];
  rest: number[];
  driven_radius: number | null;
  rest_radius: number | null;
  verdict: string;
  driven_eigenvalues: [number, number][];
  rest_eigenvalues: [number, number][];
}

export type WaveRow = WindowRow | FreeRunRow;
export type SineRow = SineStartedRow | WaveRow | PhasePlaneRow | SineDivergedRow | SineFinishedRow;
export type SinePayload = LessonPayload<SineRow>;
export type SineNews = RunNews<SineRow>;

// --- race ---

/** From rnnlab.experiments.race.events.LaneFacts. */
export interface RaceLaneFacts {
  name: string;
  model: string;
  parameters: number;
}

/** From rnnlab.experiments.race.events.Started. */
export interface RaceStartedRow {
  kind: "started";
  parameters: number;
  lanes: RaceLaneFacts[];
  steps: number;
  epochs: number;
  train_tokens: number;
  held_out_tokens: number;
  vocab_size: number;
  uniform_perplexity: number | null;
  unigram_perplexity: number | null;
  ngram5_perplexity: number | null;
  entropy_perplexity: number | null;
  marks: number[];
  target_perplexity: number | null;
  is_parity: boolean;
  same_weights: boolean;
  clock: string;
  device: string;
}

/** From rnnlab.experiments.race.events.Line. */
export interface RaceLineRow {
  kind: "line";
  lane: string;
  epoch: number;
  sample: string;
}

/** From rnnlab.experiments.race.events.Step. */
export interface RaceStepRow {
  kind: "step";
  lane: string;
  epoch: number;
  step: number;
  steps: number;
  perplexity: number | null;
  seconds: number | null;
  characters: number;
}

/** From rnnlab.experiments.race.events.Difference. */
export interface RaceDifferenceRow {
  kind: "difference";
  lane: string;
  epoch: number;
  step: number;
  steps: number;
  perplexity: number | null;
  seconds: number | null;
  characters: number;
  difference: number | null;
}

/** From rnnlab.experiments.race.events.Epoch. */
export interface RaceEpochRow {
  kind: "epoch";
  lane: string;
  epoch: number;
  perplexity: number | null;
  held_out_perplexity: number | null;
  seconds: number | null;
  characters: number;
  sample: string;
}

/** From rnnlab.experiments.race.events.Split. */
export interface RaceSplitRow {
  kind: "split";
  lane: string;
  mark: number | null;
  place: number;
  epoch: number;
  perplexity: number | null;
  seconds: number | null;
  characters: number;
}

/** From rnnlab.experiments.race.events.Retired. */
export interface RaceRetiredRow {
  kind: "retired";
  lane: string;
  epoch: number;
  step: number;
  perplexity: number | null;
  seconds: number | null;
}

/** From rnnlab.experiments.race.events.Result. */
export interface RaceResult {
  lane: string;
  place: number;
  end: string;
  epoch: number;
  perplexity: number | null;
  held_out_perplexity: number | null;
  seconds: number | null;
  characters: number;
}

/** From rnnlab.experiments.race.events.Finished. */
export interface RaceFinishedRow {
  kind: "finished";
  results: RaceResult[];
}

export type RaceRow = RaceStartedRow | RaceLineRow | RaceStepRow | RaceDifferenceRow | RaceEpochRow | RaceSplitRow | RaceRetiredRow | RaceFinishedRow;
export type RacePayload = LessonPayload<RaceRow>;
export type RaceNews = RunNews<RaceRow>;

// --- tagging ---

/** From rnnlab.experiments.tagging.events.Started; the vocabulary is by index. */
export interface TagStartedRow {
  kind: "started" | "beside-started";
  sentences: number;
  words: number;
  held_out_sentences: number;
  held_out_words: number;
  vocab_size: number;
  character_count: number;
  vocabulary: string[];
  tags: string[];
  parameters: number;
  steps: number;
  baseline: number | null;
  measured_on: string;
  device: string;
}

/** From rnnlab.experiments.tagging.events.Scores. */
export interface ScoresRow {
  kind: "scores" | "beside-scores";
  when: string;
  sentence: number;
  tokens: string[];
  gold: string[];
  tags: string[];
  log_probs: (number | null)[][];
}

/** From rnnlab.experiments.tagging.events.Step. */
export interface TagStepRow {
  kind: "step" | "beside-step";
  epoch: number;
  step: number;
  steps: number;
  loss: number | null;
}

/** From rnnlab.experiments.tagging.events.Epoch. */
export interface TagEpochRow {
  kind: "epoch" | "beside-epoch";
  epoch: number;
  loss: number | null;
  accuracy: number | null;
  held_out_accuracy: number | null;
  unknown_accuracy: number | null;
  seconds: number | null;
}

/** From rnnlab.experiments.tagging.events.Mistake. */
export interface Mistake {
  tokens: string[];
  gold: string[];
  predicted: string[];
  before: number;
  after: number;
}

/** From rnnlab.experiments.tagging.events.Finished, with the cells of the figure in place of the confusion matrix. */
export interface TagFinishedRow {
  kind: "finished" | "beside-finished";
  epoch: number;
  accuracy: number | null;
  unknown_accuracy: number | null;
  baseline: number | null;
  measured_on: string;
  tags: string[];
  cells: Record<string, any>;
  mistakes: Mistake[];
  seconds: number | null;
}

/** From rnnlab.experiments.divergence.EpochDiverged. */
export interface TagDivergedRow {
  kind: "diverged" | "beside-diverged";
  epoch: number;
  step: number;
  kept_epoch: number;
}

/** From rnnlab.experiments.tagging.comparison.Verdict. */
export interface VerdictRow {
  kind: "verdict";
  word: string;
  gold: string[];
  recurrent: string[];
  alone: string[];
  recurrent_learned: boolean;
  alone_learned: boolean;
}

export type TagRow = TagStartedRow | ScoresRow | TagStepRow | TagEpochRow | TagFinishedRow | TagDivergedRow | VerdictRow;
export type TagPayload = LessonPayload<TagRow>;
export type TagNews = RunNews<TagRow>;

/** From rnnlab.tagging.TaggedToken. */
export interface TaggedToken {
  form: string;
  tag: string;
  probability: number;
  probabilities: [string, number][];
  known: boolean;
}

/** From rnnlab.ui.tabs.tag.sentence.payload.tokens_value; with `first` it is what the page begins with. */
export interface TaggedSentence {
  tokens: TaggedToken[];
  hues: Record<string, string>;
  seen: string;
  model: string;
  corpus: string;
  first?: boolean;
}

// --- generate ---

/** What it adds to the text, its probability, the likeliest tokens with theirs, and the token in the vocabulary. */
export type SampledToken = [string, number, [string, number][], string];

/** From rnnlab.ui.tabs.generate.payload.song_value; the notes are in every language of the page. */
export interface Song {
  prefix: string;
  notes: Record<string, string[]>;
  choices: SampledToken[];
  copied: Copied | null;
  key: string;
  length: number;
  is_first: boolean;
}

/** From rnnlab.ui.tabs.generate.copied: the runs while the song grows, the rest when it is whole. */
export interface Copied {
  runs: number[][];
  passages?: { before: string; run: string; after: string; count: number }[];
  min_length?: number;
  longest?: number;
  share?: number;
  ngram_share?: number;
  held_out_share?: number | null;
}

/** From rnnlab.ui.tabs.generate.temperatures.column_value; places count from the beginning of the prefix. */
export interface TemperatureColumn {
  temperature: number;
  text: string;
  departs: number | null;
  entropy: number;
  distinct: number;
  share: number | null;
  copied: Copied | null;
}

/** From rnnlab.ui.tabs.generate.temperatures.columns_value. */
export interface TemperatureColumns {
  of: string;
  moved?: boolean;
  prefix: string;
  columns: TemperatureColumn[];
  total: number;
  seed: number;
  has_words: boolean;
}

/** From rnnlab.ui.tabs.generate.acrostic.line_value; the parts are before the head, the head, and after it. */
export interface AcrosticLine {
  parts: string[];
  head: string;
  rank: number | null;
  probability: number | null;
  bits: number | null;
  likeliest: string;
  instead: number;
  nearest: string[];
  measure: string;
  candidates: [string, number, number | null][];
  chosen: number;
}

/** From rnnlab.ui.tabs.generate.acrostic.acrostic_value. */
export interface Acrostic {
  lines: AcrosticLine[];
  total: number;
  at: string;
  low: number;
  high: number;
  seed: number;
  model: string;
  has_words: boolean;
}

/** From rnnlab.ui.tabs.generate.who: a round, and after the guess its answer. */
export interface WhoRound {
  key: string;
  lines: string[];
  whose: string;
  model: string;
  epoch: number | null;
  seed?: number;
  guess?: number;
  real?: number;
  cut?: boolean[];
}

/** From rnnlab.generation.followers_table.FollowerRow. */
export interface FollowerRow {
  token: string;
  count: number;
  share: number;
  probability: number;
  line: number;
  before: string;
  run: string;
  after: string;
}

/** From rnnlab.generation.followers_table.LevelRow. */
export interface LevelRow {
  context: string;
  counts_occurrences: boolean;
  total: number;
  different: number;
  discount: number;
  passed_on: number;
}

/** From rnnlab.generation.followers_table.FollowersTable. */
export interface FollowersTable {
  n: number;
  context: string;
  used: string;
  missing: string[];
  total: number;
  different: number;
  counted: number;
  rows: FollowerRow[];
  levels: LevelRow[];
  uniform: number;
}

// --- layers ---

/** From rnnlab.ui.tabs.layers.payload.shape_row. */
export interface TensorRow {
  name: string;
  letters: string;
  shape: number[];
  values: number;
  role: string;
  layer?: number;
  reverse?: boolean;
}

/** From rnnlab.ui.tabs.layers.payload.layers_value. */
export interface LayersValue {
  model: string;
  layers: number;
  directions: number;
  gates: number;
  gate_names: string[];
  colors: Record<string, [string, string]>;
  steps: number;
  tensors: TensorRow[];
  parameters: TensorRow[];
  total: number;
  terms: { first: number; last: number; text: string; values: number }[];
  counts: Record<string, number>;
  lines: string[];
}

/** From rnnlab.ui.tabs.layers.payload.stepping_value. */
export interface SteppingValue {
  model: string;
  state: string;
  axis: number;
  rows: number;
  steps: number;
  units: number[];
  hidden_size: number;
  whole: number[][];
  stepped: number[][];
  gap: number[][];
  difference: string;
  last: Record<string, number[]>;
  steppable: boolean;
  other_difference: string | null;
}

/** A row of `GradientsValue`: a text for each way, and one for each pair of ways. */
export interface GradientRow {
  name: string;
  shape: number[];
  gradient: boolean;
  values: string[];
  differences: string[];
}

/** From rnnlab.ui.tabs.layers.payload.gradients_value. */
export interface GradientsValue {
  ways: string[];
  milliseconds: string[];
  pairs: [string, string][];
  largest: string[];
  rows: GradientRow[];
}

/** Of one implementation in `PackedValue`; a row per sequence. */
export interface PackedRunValue {
  implementation: string;
  ends: number[][];
  alone: number[][];
  difference: string;
}

/** From rnnlab.ui.tabs.layers.sequences_payload.packed_value. */
export interface PackedValue {
  sequences: number;
  steps: number;
  lengths: number[];
  order: number[];
  padded: number[][];
  places: (number | null)[][];
  batch_sizes: number[];
  elements: number;
  input_size: number;
  units: number[];
  hidden_size: number;
  runs: PackedRunValue[];
  difference: string | null;
  unpacked_difference: string;
  lines: string[];
}

/** From rnnlab.ui.tabs.layers.sequences_payload.dropout_value. */
export interface DropoutValue {
  rate: number;
  layers: number;
  rows: number;
  steps: number;
  units: number[];
  hidden_size: number;
  boundaries: { below: number[][]; mask: number[][]; above: number[][] }[];
  zeroed: string;
  difference: string;
  evaluated: string;
  lines: string[];
}

/** From rnnlab.ui.tabs.layers.payload.options_value. */
export interface OptionsValue {
  ids: number[][];
  before: number[][];
  norms_before: number[];
  after: number[][];
  norms_after: number[];
  occurrences: number[];
  gradient: number[][];
  max_norm: number | null;
  norm_type: number;
  by_freq: boolean;
}

/** From rnnlab.ui.tabs.layers.payload.products_value. */
export interface ProductsValue {
  x: number[][];
  w_xh: number[][];
  h: number[][];
  w_hh: number[][];
  from_x: number[][];
  from_h: number[][];
  total: number[][];
  side_by_side: number[][];
  stacked: number[][];
  product: number[][];
  difference: string;
}

/** From rnnlab.inspection.matrix_identities.Padding. */
export interface PaddingValue {
  ids: number[][];
  padding_idx: number;
  weight: number[][];
  rows: number[][][];
  gradient: number[][];
  gradient_without: number[][];
}

/** From rnnlab.ui.tabs.layers.payload.lookup_value. */
export interface LookupValue {
  ids: number[][];
  weight: number[][];
  rows: number[][][];
  one_hot: number[][][];
  product: number[][][];
  difference: string;
  padding: PaddingValue;
}

/** From rnnlab.ui.tabs.layers.payload.batches_value. */
export interface BatchesValue {
  tokens: string[];
  vocab: string[];
  vocab_size: number;
  ids: number[];
  steps: number;
  starts: Record<string, number[][]>;
}

/** From rnnlab.ui.server.exports.about: null where torch.nn lacks the cell, and where the text is a visitor's own. */
export interface TakeAlong {
  model: boolean;
  reader: string | null;
  text: string | null;
}

/** From rnnlab.ui.tabs.train.text_facts.facts_value. */
export interface TextFactsValue {
  lines: number;
  characters: number;
  distinct: number;
  taken: number;
  tokens: number;
  vocab_size: number;
  minibatches: number;
  vocabulary: string[];
  counts: number[];
  beginning: string[];
  ids: number[];
}

/** From rnnlab.ui.tabs.train.text_facts.on_text_facts, of a text that cannot be taken; null: there is none. */
export interface TextMessage {
  message: Record<string, string> | null;
}

// --- the next character ---

/** From rnnlab.ui.tabs.generate.next_characters.bars_value: a token, its rank, its probability as the model believes and in the draw, and its logit. */
export type NextRow = [string, number, number, number, number];

/** From rnnlab.ui.tabs.generate.next_characters.bars_value. */
export interface NextBars {
  place: number;
  rows: NextRow[];
  others: number[];
  kept: number;
  drawn: string;
  temperature: number;
  log_sum: number | null;
  is_cut: boolean;
}

/** From rnnlab.ui.tabs.generate.next_characters.ending_value. */
export interface EndingValue {
  choices: SampledToken[];
  copied: Copied | null;
  is_whole: boolean;
}

/** From rnnlab.ui.tabs.inside.payload.opened_value. */
export interface OpenedValue {
  key: string;
  name: string;
  run: string;
  cell: string;
  layers: number;
  hidden: number;
  epoch: number;
  wanted: number;
  source: "final" | "rounded" | "exact";
  replay: { affordable: boolean; seconds: number; bytes: number; max_seconds: number; max_bytes: number } | null;
  words: boolean;
  pieces: string[];
  states: string[];
  measures: string[];
  sections: string[];
  notes: Record<string, string[]>;
}

/** From rnnlab.ui.tabs.inside.units.answer: of each unit its state, its index, its score, and r or null. */
export interface UnitsValue {
  state: string;
  states: string[];
  measure: string;
  measures: string[];
  chance: number | null;
  units: [string, number, number, number | null][];
  total: number;
  limits: number[];
  values: string;
}

/** From rnnlab.experiments.language_model.looks.alike.answer. */
export interface AlikePlace {
  start: number;
  score: number;
  shared: number;
  others: number;
  before: string;
  passage: string;
  after: string;
}

/** From rnnlab.ui.tabs.inside.alike.answer: of each unit that is on its index and its sign, and its values as shares of its limit. */
export interface AlikeValue {
  state: string;
  states: string[];
  first: number;
  last: number;
  threshold: number;
  limit: number;
  selection: string;
  on: [number, number][];
  values: number[][];
  searched: number;
  total: number;
  places: AlikePlace[];
}

/** A section of the tab Inside (`tabs/inside/__init__.py`). */
export interface InsideSection {
  name: string;
  attach(root: HTMLElement, strip: import("../tabs/inside/strip.js").Strip, ask: (query: Record<string, string>) => Promise<any>): void;
  draw(opened: OpenedValue): void;
  show(): void;
  hide(): void;
}

/** From rnnlab.ui.tabs.inside.gates.gate_value. */
export interface GateLine {
  key: string;
  layer: number;
  letter: string;
  name: string;
  mean: number;
  low: number;
  high: number;
  along: number[];
}

/** One gate of all units, from rnnlab.ui.tabs.inside.gates.units_value. */
export interface GateUnits {
  key: string;
  order: number[];
  low: number[];
  high: number[];
  values: string;
}

/** From rnnlab.ui.tabs.inside.gates.answer. */
export interface GatesValue {
  gates: GateLine[];
  chosen: GateUnits | null;
}

/** A term of a sum; a factor is its name, its indices, and its value. */
export interface CellTerm {
  factors: [string, number[], number][];
  value: number;
}

/** From rnnlab.experiments.language_model.looks.gates.line_of. */
export interface CellLine {
  letter: string;
  formula: string;
  code: string;
  activation: string;
  sum: number;
  value: number;
  parts: [string, number][];
  terms: CellTerm[];
  others: [number, number];
}

/** Two songs by the same random numbers, from rnnlab.experiments.language_model.surgery_of_text.Songs. */
export interface SurgerySongs {
  prefix: string;
  before: string[];
  after: string[];
  start: number;
  departs: number | null;
}

/** A row of the table of gates, from rnnlab.ui.tabs.inside.surgery.facts_of. */
export interface HeldGate {
  key: string;
  layer: number;
  name: string;
  mean: number;
}

/** From rnnlab.ui.tabs.inside.surgery.answer. */
export interface SurgeryValue {
  words: string[];
  after: number | null;
  before: number | null;
  blind: number;
  gates: HeldGate[];
  held: string[];
  layers: number;
  units: number;
  matrices: string[];
  tenths: (number | null)[];
  song: SurgerySongs;
  seed: number;
}

/** From rnnlab.ui.tabs.inside.gradient.answer: the gradient of a prediction, by lag. */
export interface GradientAnswer {
  state: string;
  place: number;
  token: string;
  bits: number;
  norms: number[];
  picture: GradientPicture | null;
}

/** From rnnlab.ui.tabs.inside.other_cells.others_value; without anything but a reason where it cannot be done. */
export interface OtherCellsValue {
  reason: string;
  cells?: string[];
  trained?: number;
  epochs?: number;
  last?: number;
  seconds?: number;
  most_seconds?: number;
}

/** From rnnlab.ui.tabs.inside.gradient.picture. */
export interface GradientPicture {
  view: string;
  about: string;
  others: OtherCellsValue | null;
  figure: Figure;
  dark_colors: Record<string, string>;
  lags: number[];
  rows: [string, (number | null)[]][];
}

// --- the page's global ---

/** From rnnlab.ui.server.page_head.languages_table. */
export interface LanguageRow {
  key: string;
  html: string;
  direction: string;
  sentenceSpace: string;
  title: string;
  /** Said where the server has failed, or does not answer, and cannot be asked for words. */
  serverFailed: string;
  serverAway: string;
  reload: string;
}

/** `boot.js` makes it; `main.js` adds the functions that Gradio's events call by name. */
/** A tab or a part of it, and what its fields shall show (`lib/drive.js`). */
export interface DrivenPlace {
  tab: string;
  part: string;
  /** The name of its form, and the names under which its fields are kept over a reload. */
  form: string;
  stored: string[];
  fields: Record<string, any>;
}

/** From rnnlab.ui.links.payload.read_payload. */
export interface LinkPayload {
  known: boolean;
  sets: boolean;
  tab: string;
  part: string;
  form: string;
  stored: string[];
  fields: Record<string, any>;
  hidden_fields: string[];
  at: number | null;
  press: string;
  refused: Record<string, string>[];
}

export interface RNNLab {
  languages: LanguageRow[];
  /** The page's language as a BCP 47 tag. */
  language(): string;
  /** Its key in tables by language. */
  languageKey(): string;
  /** What stands between two sentences. */
  sentenceSpace(): string;
  /** Set the language and the direction of the page. */
  useLanguage(tag: string): void;
  /** "light" or "dark". */
  theme(): string;
  setTheme(theme: string): void;
  /** The address of a module, given its path in `rnnlab/ui`. */
  module(path: string): string;
  /** Addresses, relative to the page. */
  assets: { plotly: string; locale: string };
  setLanguage(tag: string): Promise<void>;
  plotly(): Promise<any>;
  keep(name: string, values: any[]): void;
  kept(name: string, count: number, first: any[]): any[];
  /** Called by Gradio's events (`lib/drive.js`). */
  drive: Record<"given" | "read" | "offered", (...args: any[]) => any>;
  /** <owner>/<name> of the Space of Hugging Face that the page is; "" elsewhere. */
  space: string;
  /** The id of the run that is to be the current one (`tabs/train/earlier.js`). */
  chosenRun?: string;
  guess?: string;
  movedTemperatures?: { list: string; seed: number; all: string };
  form: Record<"fill" | "edited" | "byHand" | "anew", (...args: any[]) => any>;
  suggestBook(pasted: string, recipe: string, corpus: string): void;
}

declare global {
  var rnnlab: RNNLab | undefined;
  var Plotly: any;
  interface Window {
    rnnlab: RNNLab;
    Plotly: any;
    gradio_config?: any;
  }
  interface HTMLElement {
    /** The sampled tokens that a letter or a word of a song consists of (`tabs/generate/panel.js`). */
    choices?: SampledToken[];
    /** The number of the first of them in the song. */
    token?: number;
    /** The places of its first character in the song, and after its last. */
    places?: number[];
  }
}

// --- the adding problem ---

/** From rnnlab.experiments.adding.events.Started. */
export interface AddingStartedRow {
  kind: "started";
  models: string[];
  lengths: number[];
  max_steps: number;
  target_error: number | null;
  constant_error: number | null;
  parameters: number;
}

/** From rnnlab.experiments.adding.events.LengthBegan. */
export interface AddingLengthRow {
  kind: "length";
  length: number;
  models: string[];
}

/** From rnnlab.experiments.adding.events.Measured. */
export interface AddingMeasuredRow {
  kind: "measured";
  model: string;
  length: number;
  step: number;
  error: number | null;
  seconds: number | null;
}

/** From rnnlab.experiments.adding.events.Outcome. */
export interface AddingOutcome {
  model: string;
  length: number;
  end: string;
  step: number;
  steps_to_target: number | null;
  error: number | null;
  seconds: number | null;
}

export interface AddingOutcomeRow extends AddingOutcome {
  kind: "outcome";
}

/** From rnnlab.experiments.adding.events.Asked; also what `server/adding_routes.py` answers. */
export interface AskedRow {
  kind: "asked";
  numbers: (number | null)[];
  places: number[];
  truth: number | null;
  models: string[];
  answers: (number | null)[];
}

/** From rnnlab.experiments.adding.events.Finished. */
export interface AddingFinishedRow {
  kind: "finished";
  outcomes: AddingOutcome[];
  models: string[];
  longest: (number | null)[];
}

export type AddingRow = AddingStartedRow | AddingLengthRow | AddingMeasuredRow | AddingOutcomeRow | AskedRow | AddingFinishedRow;
export type AddingPayload = LessonPayload<AddingRow>;
export type AddingNews = RunNews<AddingRow>;

// --- guides ---

/** What a step does on the page; one of them, `part` with `open`. */
export interface GuideAction {
  open?: string;
  part?: string;
  /** By elem_id; a value may be one by language. */
  set?: Record<string, any>;
  press?: string;
  turn_on?: string;
  expand?: string;
  /** A recorded run of the Train tab, by language. */
  curve?: Record<string, string>;
  focus?: string;
}

/** One step; rnnlab.ui.guides.Step says what is in it. */
export interface GuideStep {
  name: string;
  minutes: number;
  do: GuideAction[];
  point: string;
  wait: { change?: string; selector?: string };
}

/** What the address lab/guides/NAME answers with, rnnlab.ui.guides.Guide. */
export interface Guide {
  name: string;
  notebook: string | null;
  exercises: string[];
  steps: GuideStep[];
  minutes: number;
  /** The minute of the lecture at which it begins, and how many minutes that has. */
  begins: number;
  lecture_minutes: number;
}
