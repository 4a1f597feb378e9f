import type { LocalText } from '@dipper/contract/api/alarm';
import { useTranslation } from 'react-i18next';
import { isLanguage, type Language } from './language.ts';

/** The language that the page is in. */
export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return isLanguage(i18n.language) ? i18n.language : 'zh';
}

/** Picks the reader's language out of a text that the hub sends in both. */
export function useLocalText(): (text: LocalText) => string {
  const language = useLanguage();
  return (text) => text[language];
}
