import type { Alarm } from '@dipper/contract/api/alarm';
import { useEffect, useEffectEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { usePlaces } from '../devices/use-places.ts';
import { useFeedState } from '../feed/use-feed-state.ts';
import { useLocalText } from '../i18n/use-language.ts';

/** How often the page repeats by sound that it is blind. */
const BLIND_EVERY_MS = 10_000;

/** Says new alarms to those who listen to the page, and rings for those who allowed it. Shows nothing. */
export function AlarmAnnouncer() {
  const { t } = useTranslation('alarms');
  const { newAlarms, sound } = useHub();
  const { phase } = useFeedState();
  const localText = useLocalText();
  const places = usePlaces();
  const [polite, setPolite] = useState('');
  const [urgent, setUrgent] = useState('');

  const announce = useEffectEvent((alarm: Alarm) => {
    const text = t('announce', {
      priority: t(`priority.${alarm.priority}`),
      title: localText(alarm.title),
      place: places.nameOf(alarm.place) ?? places.estateNameOf(alarm.estate),
    });
    if (alarm.priority === 'critical') setUrgent(text);
    else setPolite(text);
    if (!alarm.late) sound.chime(alarm.priority);
  });
  useEffect(() => newAlarms.subscribe((alarm) => announce(alarm)), [newAlarms]);
  useEffect(() => {
    if (phase !== 'lost') return;
    sound.warnBlind();
    const timer = setInterval(() => sound.warnBlind(), BLIND_EVERY_MS);
    return () => clearInterval(timer);
  }, [phase, sound]);

  return (
    <>
      <div className="only-heard" aria-live="polite">
        {polite}
      </div>
      <div className="only-heard" aria-live="assertive">
        {urgent}
      </div>
    </>
  );
}
