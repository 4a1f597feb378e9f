import type { Finding, FindingState } from './finding.ts';
import { FINDING_TEXTS } from './finding-texts.ts';

export type ReportLanguage = 'zh' | 'en';

const MARKS: Readonly<Record<FindingState, string>> = { ok: '✓', unknown: '?', warning: '!', wrong: '✗' };
const CLOSING = {
  en: {
    ok: 'Nothing is wrong.',
    wrong: (wrong: number, warnings: number) => `${wrong} wrong, ${warnings} to look at.`,
  },
  zh: { ok: '未发现问题。', wrong: (wrong: number, warnings: number) => `${wrong} 项错误，${warnings} 项需关注。` },
} as const;

/** The language of whoever runs a command (POSIX.1-2017 §8.2: LC_ALL before LC_MESSAGES before LANG). */
export function languageOf(env: NodeJS.ProcessEnv): ReportLanguage {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return locale.startsWith('zh') ? 'zh' : 'en';
}

/** One line for each thing that was looked at, and below it, where something is not right, the one thing to do. */
export function reportOf(findings: readonly Finding[], language: ReportLanguage): string {
  const lines = findings.flatMap((each) => {
    const { what, mend } = FINDING_TEXTS[each.code][language];
    const line = `${MARKS[each.state]} ${filled(what, each)}`;
    return each.state === 'ok' || mend === '' ? [line] : [line, `    → ${filled(mend, each)}`];
  });
  const count = (state: FindingState): number => findings.filter((each) => each.state === state).length;
  const [wrong, warnings] = [count('wrong'), count('warning')];
  const closing = CLOSING[language];
  return [...lines, '', wrong + warnings === 0 ? closing.ok : closing.wrong(wrong, warnings)].join('\n');
}

function filled(text: string, { values }: Finding): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
