import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { LOCALES } from '../i18n/language.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { durationOf } from './duration.ts';
import { createTimeFormats, type TimeFormats } from './zone.ts';

/** Formats of the reader's language. */
export function useTimeFormats(): TimeFormats {
  const language = useLanguage();
  return useMemo(() => createTimeFormats(LOCALES[language]), [language]);
}

/** Says a length of time, e.g. "2 小时 5 分". */
export function useDurationText(): (ms: number) => string {
  const { t } = useTranslation('time');
  return (ms) => {
    const duration = durationOf(ms);
    switch (duration.key) {
      case 'days':
        return t('days', { days: duration.days, hours: duration.hours });
      case 'hours':
        return t('hours', { hours: duration.hours, minutes: duration.minutes });
      case 'minutes':
        return t('minutes', { minutes: duration.minutes, seconds: duration.seconds });
      case 'seconds':
        return t('seconds', { seconds: duration.seconds });
    }
  };
}
