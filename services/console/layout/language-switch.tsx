import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { chooseLanguage } from '../i18n/i18n.ts';
import { LANGUAGE_NAMES, type Language, LOCALES } from '../i18n/language.ts';
import { useLanguage } from '../i18n/use-language.ts';

/** Offers the other language, named in that language. */
export function LanguageSwitch() {
  const { t, i18n } = useTranslation('shell');
  const other: Language = useLanguage() === 'zh' ? 'en' : 'zh';
  return (
    <Button type="text" lang={LOCALES[other]} title={t('language')} onClick={() => chooseLanguage(i18n, other)}>
      {LANGUAGE_NAMES[other]}
    </Button>
  );
}
