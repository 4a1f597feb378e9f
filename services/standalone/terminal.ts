import type { Writable } from 'node:stream';

export interface Terminal {
  /** One line of progress under a part's name. A fraction redraws the same line where the output is a terminal. */
  progress(part: string, message: string, fraction?: number): void;
  /** Lines of their own, as they are. */
  say(...lines: string[]): void;
}

const NAME_WIDTH = 10;
/** Where the output is a file or a pipe, a running percentage is told in steps, not in hundreds of lines. */
const PLAIN_STEP = 0.25;

/** Writes what the demo is doing, readable in a terminal and in a log file alike. */
export function createTerminal(out: Writable & { isTTY?: boolean }): Terminal {
  let openLine: string | undefined;
  const lastStep = new Map<string, number>();
  const closeLine = (): void => {
    if (openLine !== undefined) out.write('\n');
    openLine = undefined;
  };
  return {
    progress(part, message, fraction) {
      const percent = fraction === undefined ? '' : ` ${Math.round(fraction * 100)} %`;
      const line = `  ${part.padEnd(NAME_WIDTH)} ${message}${percent}`;
      const key = `${part} ${message}`;
      if (fraction === undefined) {
        closeLine();
        out.write(`${line}\n`);
        return;
      }
      if (out.isTTY === true) {
        if (openLine !== undefined && openLine !== key) closeLine();
        out.write(`\r\u001b[2K${line}`);
        openLine = key;
        if (fraction >= 1) closeLine();
        return;
      }
      const step = Math.floor(fraction / PLAIN_STEP);
      if (step > (lastStep.get(key) ?? -1)) {
        lastStep.set(key, step);
        out.write(`${line}\n`);
      }
    },
    say(...lines) {
      closeLine();
      for (const line of lines) out.write(`${line}\n`);
    },
  };
}
