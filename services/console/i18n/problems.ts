import { ERROR_CODES, type ErrorCode } from '@dipper/contract/errors';
import type { Language } from './language.ts';

/** The contract's error texts as i18next resources: written once, beside the codes. */
export function problemsIn(language: Language): Record<ErrorCode, string> {
  const entries = Object.entries(ERROR_CODES).map(([code, texts]) => [code, texts[language]]);
  return Object.fromEntries(entries) as Record<ErrorCode, string>;
}
