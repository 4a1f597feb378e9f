/** Languages of the page. Both are complete; a test compares their keys. */
export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** How each language names itself, and what the document and `Intl` call it. */
export const LANGUAGE_NAMES: Record<Language, string> = { zh: '中文', en: 'English' };
export const LOCALES: Record<Language, string> = { zh: 'zh-CN', en: 'en-GB' };

/** Whether a string, e.g. one from storage, is one of our languages. */
export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value);
}
