import { useEffect, useState } from 'react';
import { readPreference, writePreference } from './preference.ts';
import type { Appearance } from './theme.ts';
import { NARROW, useMedia } from './use-media.ts';

const PREFERENCE = 'appearance';
export const APPEARANCE_CHOICES = ['auto', 'dark', 'light'] as const;
export type AppearanceChoice = (typeof APPEARANCE_CHOICES)[number];

export interface AppearanceControl {
  readonly appearance: Appearance;
  readonly choice: AppearanceChoice;
  readonly choose: (choice: AppearanceChoice) => void;
}

function isChoice(value: unknown): value is AppearanceChoice {
  return APPEARANCE_CHOICES.some((choice) => choice === value);
}

/** `auto`: dark at a desk, where somebody sits at night; on a phone as the phone has it, for it is used in the sun. */
export function useAppearance(): AppearanceControl {
  const [choice, setChoice] = useState<AppearanceChoice>(() => {
    const stored = readPreference(PREFERENCE);
    return isChoice(stored) ? stored : 'auto';
  });
  const isNarrow = useMedia(NARROW);
  const isSystemLight = useMedia('(prefers-color-scheme: light)');
  const appearance: Appearance = choice !== 'auto' ? choice : isNarrow && isSystemLight ? 'light' : 'dark';
  useEffect(() => {
    document.documentElement.dataset['appearance'] = appearance;
  }, [appearance]);
  return {
    appearance,
    choice,
    choose: (next) => {
      writePreference(PREFERENCE, next);
      setChoice(next);
    },
  };
}
