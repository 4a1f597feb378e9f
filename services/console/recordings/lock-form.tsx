import type { EvidenceLock, NewEvidenceLock } from '@dipper/contract/api/recording';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { FormFailure } from '../layout/states.tsx';
import { RangeFields } from './range-fields.tsx';
import styles from './range-form.module.css';
import { ReasonItem } from './reason-item.tsx';
import { DAY_MS, type TimeView } from './time-view.ts';

/** What is usually asked for; half a year is what investigations of the police ask of sites like these. */
const CHOICES_DAYS = [30, 90, 180, 365] as const;

interface LockFormProps {
  readonly device: string;
  readonly range: TimeView;
  readonly onRange: (range: TimeView) => void;
  readonly onClose: () => void;
}

/** Keeps a part of a recording from being deleted. */
export function LockForm({ device, range, onRange, onClose }: LockFormProps) {
  const { t } = useTranslation(['recordings', 'shell']);
  const { client, clock } = useHub();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const lock = useMutation({
    mutationFn: ({ reason, days }: { readonly reason: string; readonly days: number }) => {
      const asked: NewEvidenceLock = {
        from: new Date(range.fromMs).toISOString(),
        until: new Date(range.untilMs).toISOString(),
        expiresAt: new Date(clock.nowMs() + days * DAY_MS).toISOString(),
        reason: reason.trim(),
      };
      return client.send<EvidenceLock>('POST', `/api/v1/devices/${encodeURIComponent(device)}/evidence-locks`, asked);
    },
    async onSuccess() {
      await queryClient.invalidateQueries({ queryKey: keys.timelines(device) });
      void message.success(t('recordings:lock.done'));
      onClose();
    },
  });
  return (
    <section className={styles.form} aria-label={t('recordings:lock.title')}>
      <h2>{t('recordings:lock.title')}</h2>
      <Form<{ reason: string; days: number }>
        layout="vertical"
        requiredMark={false}
        className={styles.inner ?? ''}
        initialValues={{ days: CHOICES_DAYS[1] }}
        onFinish={(values) => lock.mutate(values)}
      >
        <p className={styles.hint}>{t('recordings:lock.hint')}</p>
        <FormFailure error={lock.error} />
        <RangeFields range={range} onRange={onRange} isDisabled={lock.isPending} />
        <Form.Item name="days" label={t('recordings:lock.keep')}>
          <Radio.Group
            optionType="button"
            options={CHOICES_DAYS.map((value) => ({ value, label: t('recordings:lock.days', { count: value }) }))}
          />
        </Form.Item>
        <ReasonItem label={t('recordings:lock.reason')} missing={t('recordings:lock.reasonMissing')} />
        <div className={styles.buttons}>
          <Button type="primary" htmlType="submit" loading={lock.isPending} disabled={range.untilMs <= range.fromMs}>
            {t('recordings:lock.start')}
          </Button>
          <Button onClick={onClose}>{t('shell:cancel')}</Button>
        </div>
      </Form>
    </section>
  );
}
