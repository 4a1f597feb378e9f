import type { Alarm } from '@dipper/contract/api/alarm';
import type { OutOfService } from '@dipper/contract/api/out-of-service';
import { Form, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { useDevices } from '../devices/use-devices.ts';
import { useLocalText } from '../i18n/use-language.ts';
import styles from './decision-dialog.module.css';
import { DecisionDialog } from './decision-dialog.tsx';

interface OutOfServiceDialogProps {
  readonly alarm: Alarm;
  readonly onClose: () => void;
}

interface Values {
  readonly what: 'device' | 'rule';
  /** 0: until somebody returns it. */
  readonly hours: number;
}

const CHOICES_HOURS = [4, 24, 72, 0] as const;
const HOUR_MS = 3_600_000;

/** Takes the device of an alarm, or its rule, out of service. */
export function OutOfServiceDialog({ alarm, onClose }: OutOfServiceDialogProps) {
  const { t } = useTranslation('operator');
  const { client, clock } = useHub();
  const localText = useLocalText();
  const { data: devices } = useDevices();
  const device = devices?.find(({ id }) => id === alarm.device);
  const take = async ({ what, hours, reason }: Values & { readonly reason: string }) => {
    const entry = await client.send<OutOfService>('POST', '/api/v1/out-of-service', {
      ...(what === 'device' ? { device: alarm.device } : { rule: alarm.rule }),
      reason,
      ...(hours === 0 ? {} : { until: new Date(clock.nowMs() + hours * HOUR_MS).toISOString() }),
    });
    return {
      text: t('takenOut'),
      undo: () => client.send('POST', `/api/v1/out-of-service/${entry.id}/end`, { note: t('undo') }),
    };
  };
  const name = device === undefined ? (alarm.device ?? '') : localText(device.name);
  const what = [
    ...(alarm.device === null ? [] : [{ value: 'device', label: t('device', { name }) }]),
    { value: 'rule', label: t('rule', { name: alarm.rule }), disabled: alarm.safetyCritical },
  ];
  return (
    <DecisionDialog<Values>
      title={t('takeOut')}
      hint={t('takeOutHint')}
      initialValues={{ what: alarm.device === null ? 'rule' : 'device', hours: CHOICES_HOURS[0] }}
      onDecide={take}
      onClose={onClose}
    >
      <Form.Item name="what" label={t('what')}>
        <Radio.Group className={styles.choices ?? ''} options={what} />
      </Form.Item>
      <Form.Item name="hours" label={t('until')}>
        <Radio.Group
          options={CHOICES_HOURS.map((hours) => ({
            value: hours,
            label: hours === 0 ? t('openEnded') : t('hours', { count: hours }),
          }))}
        />
      </Form.Item>
    </DecisionDialog>
  );
}
