import type { Alarm } from '@dipper/contract/api/alarm';
import type { Shelf } from '@dipper/contract/api/shelf';
import { Form, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { useTimeFormats } from '../time/use-time.ts';
import { DecisionDialog } from './decision-dialog.tsx';
import { shelfTimes } from './shelf-times.ts';

interface ShelveDialogProps {
  readonly alarm: Alarm;
  readonly longestMin: number;
  readonly onClose: () => void;
}

/** Sets an alarm aside for a while. */
export function ShelveDialog({ alarm, longestMin, onClose }: ShelveDialogProps) {
  const { t } = useTranslation('operator');
  const { client, clock } = useHub();
  const localText = useLocalText();
  const formats = useTimeFormats();
  const times = shelfTimes(longestMin);
  const shelve = async ({ forMin, reason }: { readonly forMin: number; readonly reason: string }) => {
    const shelf = await client.send<Shelf>('POST', '/api/v1/alarm-shelves', { alarm: alarm.id, forMin, reason });
    return {
      text: t('shelved', { time: formats.full(Date.parse(shelf.until), clock.nowMs()) }),
      undo: () => client.send('POST', `/api/v1/alarm-shelves/${shelf.id}/end`, { note: t('undo') }),
    };
  };
  return (
    <DecisionDialog
      title={`${t('shelve')} · ${localText(alarm.title)}`}
      hint={t('shelveHint')}
      initialValues={{ forMin: times[0] ?? longestMin }}
      onDecide={shelve}
      onClose={onClose}
    >
      <Form.Item name="forMin" label={t('forHowLong')}>
        <Radio.Group
          options={times.map((minutes) => ({
            value: minutes,
            label: minutes < 60 ? t('minutes', { count: minutes }) : t('hours', { count: minutes / 60 }),
          }))}
        />
      </Form.Item>
    </DecisionDialog>
  );
}
