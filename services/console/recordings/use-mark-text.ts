import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import { useReasonText } from '../i18n/use-reason-text.ts';
import { zh } from '../i18n/zh.ts';
import type { EventMark } from './event-marks.ts';

type Families = typeof zh.recordings.events;

/** Says what a mark is about. The edge may be newer than the page: then the event's type itself is named. */
export function useMarkText(): (mark: EventMark | undefined) => string {
  const { t } = useTranslation('recordings');
  const localText = useLocalText();
  const reasonText = useReasonText();
  return (mark) => {
    if (mark === undefined) return '';
    if (typeof mark.what !== 'string') return localText(mark.what);
    const [family = '', word = ''] = mark.what.split('.');
    const words = Object.hasOwn(zh.recordings.events, family)
      ? zh.recordings.events[family as keyof Families]
      : undefined;
    if (words === undefined || !Object.hasOwn(words, word)) return mark.what;
    const text = t(`events.${family}.${word}` as 'events.face.captured');
    if (mark.reason !== undefined) return `${text}: ${reasonText(mark.reason)}`;
    return mark.detail === undefined ? text : `${text} ${mark.detail}`;
  };
}
