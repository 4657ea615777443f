/** Chat that reads like chat, the same at every run. */
import type { DemoPerson } from "./people.ts";
import { SCENES, SLOTS } from "./scenes.ts";

export interface Line {
  senderId: string;
  body: string;
  /** Seconds since the line before it. */
  pauseSeconds: number;
  /** Its place in its scene: 0 opens a new one. */
  step: number;
}

/** A number that looks like chance and is always the same for the same place. */
export function mix(...parts: number[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    hash = Math.imul(hash ^ part, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** `count` lines among `people`; the last `endsWithout.lines` are by others than that person. */
export function writeDialogue(
  salt: number,
  people: readonly DemoPerson[],
  count: number,
  endsWithout: { id: string; lines: number },
): Line[] {
  const lines: Line[] = [];
  for (let scene = 0; lines.length < count; scene++) {
    const script = SCENES[sceneAt(salt, scene)] as string[];
    const left = count - lines.length;
    const closing = left <= endsWithout.lines + script.length;
    const present = closing ? people.filter(({ id }) => id !== endsWithout.id) : people;
    const cast = castScene(mix(salt, scene), present);
    // Alone, one says what one has to say and gets no answer.
    const spoken = present.length > 1 ? script : script.filter((line) => line.startsWith("a"));
    for (const [step, text] of spoken.slice(0, left).entries()) {
      const [role, words] = [text.slice(0, 1), text.slice(2)];
      const speaker = cast["abc".indexOf(role)] as DemoPerson;
      const body = fillSlots(words, cast, mix(salt, scene, 1));
      lines.push({ senderId: speaker.id, body, pauseSeconds: pause(mix(salt, scene, step, 2), step), step });
    }
  }
  return lines;
}

/** Walks through all scenes before any comes again, each round in another order. */
function sceneAt(salt: number, scene: number): number {
  const round = Math.floor(scene / SCENES.length);
  // Steps that share no divisor with the number of scenes visit each of them once.
  const strides = [1, 5, 7, 11, 13, 17, 19, 23].filter(
    (stride) => SCENES.length % stride !== 0 || stride === 1,
  );
  const stride = strides[mix(salt, round) % strides.length] as number;
  return (mix(salt, round, 3) + (scene % SCENES.length) * stride) % SCENES.length;
}

/** Three roles; two people share them when there are only two. */
function castScene(seed: number, people: readonly DemoPerson[]): DemoPerson[] {
  const first = seed % people.length;
  const step = people.length > 2 ? 1 + ((seed >>> 8) % (people.length - 2)) : 1;
  return [0, 1, 2].map((role) => people[(first + role * step) % people.length] as DemoPerson);
}

function fillSlots(words: string, cast: DemoPerson[], seed: number): string {
  let slot = 0;
  return words.replace(/\{(\w+)\}/g, (_, name: string) => {
    const role = "abc".indexOf(name);
    if (name.length === 1 && role >= 0) return (cast[role] as DemoPerson).displayName.split(" ")[0] as string;
    const choices = SLOTS[name] as readonly string[];
    // The same slot is the same thing throughout a scene, except within one line.
    return choices[(mix(seed, name.charCodeAt(0)) + slot++) % choices.length] as string;
  });
}

/** Seconds within a scene, hours between scenes. */
const pause = (seed: number, step: number): number => (step === 0 ? 600 + (seed % 5400) : 4 + (seed % 90));
