import { useEffect, useRef } from 'react';
import { useSearchParams } from 'react-router-dom';
import { NARROW, useMedia } from '../layout/use-media.ts';
import type { QueueLine } from './queue-line.ts';

const PARAMETER = 'alarm';

export interface ChosenLine {
  readonly line: QueueLine | undefined;
  readonly choose: (key: string | undefined) => void;
  /** Milliseconds since the line on screen changed without a hand on it; Infinity if somebody chose it. */
  readonly sinceUnaskedMs: () => number;
}

/**
 * Which line is looked at; part of the address, so that "back" on a phone leads from an alarm to the list. On a wide
 * screen the most urgent line is shown until somebody chooses, and a chosen one stays whatever arrives.
 */
export function useChosenLine(lines: readonly QueueLine[]): ChosenLine {
  const [parameters, setParameters] = useSearchParams();
  const isNarrow = useMedia(NARROW);
  const asked = parameters.get(PARAMETER) ?? undefined;
  const found = lines.find(({ key }) => key === asked);
  const line = found ?? (isNarrow ? undefined : lines[0]);
  const shown = line?.key;
  const askedFor = useRef<string>(undefined);
  const unaskedAtMs = useRef(0);

  useEffect(() => {
    unaskedAtMs.current = shown === undefined || shown === askedFor.current ? Number.NEGATIVE_INFINITY : Date.now();
    // Holds on to the line shown first, so that a more urgent one does not push it from under somebody's eyes.
    if (!isNarrow && shown !== undefined && shown !== asked) {
      setParameters(
        (now) => {
          now.set(PARAMETER, shown);
          return now;
        },
        { replace: true },
      );
    }
  }, [shown, asked, isNarrow, setParameters]);

  return {
    line,
    sinceUnaskedMs: () => Date.now() - unaskedAtMs.current,
    choose(key) {
      askedFor.current = key;
      setParameters(
        (now) => {
          if (key === undefined) now.delete(PARAMETER);
          else now.set(PARAMETER, key);
          return now;
        },
        { replace: !isNarrow },
      );
    },
  };
}
