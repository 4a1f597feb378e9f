import { createInstance, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { readPreference, writePreference } from '../layout/preference.ts';
import { en } from './en.ts';
import { isLanguage, type Language, LOCALES } from './language.ts';
import { problemsIn } from './problems.ts';
import { zh } from './zh.ts';

const PREFERENCE = 'language';

/** Texts in Chinese unless the reader once chose English. */
export function createI18n(): i18n {
  const stored = readPreference(PREFERENCE);
  const language: Language = isLanguage(stored) ? stored : 'zh';
  const instance = createInstance();
  instance.on('languageChanged', (next) => {
    if (isLanguage(next)) document.documentElement.lang = LOCALES[next];
  });
  void instance.use(initReactI18next).init({
    lng: language,
    // A text missing in one language must be seen, not papered over with the other one.
    fallbackLng: false,
    defaultNS: 'shell',
    ns: [...Object.keys(zh), 'problems'],
    resources: { zh: { ...zh, problems: problemsIn('zh') }, en: { ...en, problems: problemsIn('en') } },
    // React escapes.
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  return instance;
}

/** Switches the language of the page and remembers it. */
export function chooseLanguage(instance: i18n, language: Language): void {
  writePreference(PREFERENCE, language);
  void instance.changeLanguage(language);
}
