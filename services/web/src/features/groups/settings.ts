import type { ConversationSettings } from "@confab/contract";

export const DEFAULT_SETTINGS: ConversationSettings = {
  history: "all",
  announcement: false,
  slowModeSeconds: 0,
};

export const HISTORY_CHOICES = [
  { value: "all", label: "Everything written before" },
  { value: "joining", label: "Only what comes after" },
] as const;

export const SLOW_MODE_CHOICES = [
  { value: 0, label: "Off" },
  ...[5, 10, 30, 60, 120].map((seconds) => ({ value: seconds, label: `One message every ${seconds} s` })),
];

/** As it stands, also where another client chose something that is not offered here. */
export const slowModeChoices = (seconds: number) =>
  SLOW_MODE_CHOICES.some((choice) => choice.value === seconds)
    ? SLOW_MODE_CHOICES
    : [...SLOW_MODE_CHOICES, { value: seconds, label: `One message every ${seconds} s` }];
