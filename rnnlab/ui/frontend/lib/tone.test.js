import assert from "node:assert/strict";
import test from "node:test";
import { pitchOf, Tone } from "./tone.js";

test("the pitch falls with the logarithm of the perplexity, three octaves from a blind guess to certainty", () => {
  assert.equal(pitchOf(1, 1000), 220);
  assert.equal(pitchOf(1000, 1000), 1760);
  assert.ok(Math.abs(pitchOf(10, 1000) - 440) < 1e-9);
  assert.ok(Math.abs(pitchOf(100, 1000) - 880) < 1e-9);
  for (const wild of [null, undefined, NaN, Infinity, 1e300]) assert.equal(pitchOf(wild, 1000), 1760);
  assert.equal(pitchOf(0.5, 1000), 220);
  assert.equal(pitchOf(10, null), 440);
});

const fakeAudio = () => {
  const played = [], param = () => ({ setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} });
  return { played, currentTime: 0, destination: {}, resume() {}, createGain: () => ({ gain: param(), connect() {} }), createOscillator: () => ({
    frequency: { set value(hertz) { played.push(hertz); } }, connect: (node) => node, start() {}, stop() {},
  }) };
};

test("nothing sounds before it is switched on and a gesture, and never more than four tones a second", () => {
  const kept = new Map(), storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  let now = 0;
  const tone = new Tone({ now: () => now, storage });
  assert.equal(tone.isOn, false);
  tone.wake();
  assert.equal(tone.audio, null);
  tone.switch(true);
  assert.equal(tone.play(10, 1000), null, "no gesture yet");
  tone.audio = fakeAudio();
  for (now = 0; now < 1000; now += 10) tone.play(10, 1000);
  assert.equal(tone.audio.played.length, 4);
  assert.equal(new Tone({ storage }).isOn, true, "it is remembered");
  tone.switch(false);
  now += 5000;
  assert.equal(tone.play(10, 1000), null);
  assert.equal(new Tone({ storage }).isOn, false);
});
