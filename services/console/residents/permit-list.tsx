import type { HolderDetail, NewPermit, PermitView } from '@dipper/contract/api/holder';
import { App, Button, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { FormFailure } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import { Moment } from '../time/moment.tsx';
import styles from './residents.module.css';
import { useAccessChoices, type useResidentAction } from './use-residents.ts';

interface PermitListProps {
  readonly detail: HolderDetail;
  readonly act: ReturnType<typeof useResidentAction>;
}

/** Where a holder may pass, at which hours, until when. */
export function PermitList({ detail, act }: PermitListProps) {
  const { t } = useTranslation('residents');
  const { message } = App.useApp();
  const errorText = useErrorText();
  const mayKeep = useAllowed('keepHolders');
  const [isAsking, setAsking] = useState(false);
  const { holder, permits } = detail;
  const end = (permit: string): void =>
    act.mutate({ what: 'end-permit', permit }, { onError: (error) => message.error(errorText(error).text) });
  return (
    <section className={styles.part}>
      <div className={styles.partHead}>
        <h3>{t('permits')}</h3>
        {mayKeep && holder.endedAt === null && <Button onClick={() => setAsking(true)}>{t('addPermit')}</Button>}
      </div>
      {permits.length === 0 && <p className={styles.quiet}>{t('noPermits')}</p>}
      <ul className={styles.items}>
        {permits.map((permit) => (
          <li key={permit.id} className={styles.item}>
            <span className={styles.what}>
              <PermitText permit={permit} estate={holder.estate} />
            </span>
            {mayKeep && <Button onClick={() => end(permit.id)}>{t('endPermit')}</Button>}
          </li>
        ))}
      </ul>
      {isAsking && (
        <PermitDialog
          estate={holder.estate}
          onClose={() => setAsking(false)}
          onSave={(body) => act.mutateAsync({ what: 'permit', body })}
        />
      )}
    </section>
  );
}

function PermitText({ permit, estate }: { readonly permit: PermitView; readonly estate: string }) {
  const { t } = useTranslation('residents');
  const localText = useLocalText();
  const { data: choices } = useAccessChoices(estate);
  const nameOf = (id: string): string => {
    const point = choices?.points.find((each) => each.id === id);
    return point === undefined ? id : localText(point.name);
  };
  const schedule = choices?.schedules.find(({ id }) => id === permit.schedule);
  return (
    <>
      {permit.accessPoints.map(nameOf).join(' · ')}
      <span className={styles.quiet}>
        {' '}
        {permit.schedule === null ? t('anyHour') : (schedule?.name ?? '…')} · {t('from')}{' '}
        <Moment at={permit.from} as="absolute" />
        {permit.until !== null && (
          <>
            {' '}
            {t('until')} <Moment at={permit.until} as="absolute" />
          </>
        )}
        {permit.uses !== null && ` · ${t('uses', { count: permit.uses })}`}
      </span>
    </>
  );
}

interface PermitValues {
  readonly accessPoints: string[];
  readonly schedule?: string;
  /** As the browser's field has it, without a zone. */
  readonly until?: string;
}

interface PermitDialogProps {
  readonly estate: string;
  readonly onClose: () => void;
  readonly onSave: (body: NewPermit) => Promise<unknown>;
}

function PermitDialog({ estate, onClose, onSave }: PermitDialogProps) {
  const { t } = useTranslation(['residents', 'shell']);
  const localText = useLocalText();
  const { data: choices, isPending: isLoading } = useAccessChoices(estate);
  const [error, setError] = useState<unknown>(null);
  const [isPending, setPending] = useState(false);
  const save = async ({ accessPoints, schedule, until }: PermitValues): Promise<void> => {
    setPending(true);
    try {
      await onSave({
        accessPoints,
        ...(schedule !== undefined && { schedule }),
        ...(until !== undefined && until !== '' && { until: new Date(until).toISOString() }),
      });
      onClose();
    } catch (refusal) {
      setError(refusal);
    } finally {
      setPending(false);
    }
  };
  const points = (choices?.points ?? []).map(({ id, name }) => ({ value: id, label: localText(name) }));
  const schedules = (choices?.schedules ?? []).map(({ id, name }) => ({ value: id, label: name }));
  return (
    <Modal open title={t('residents:addPermit')} footer={null} onCancel={onClose} mask={{ closable: false }}>
      <Form<PermitValues> layout="vertical" requiredMark={false} onFinish={(values) => void save(values)}>
        <FormFailure error={error} />
        <Form.Item
          name="accessPoints"
          label={t('residents:accessPoints')}
          rules={[{ required: true, message: t('residents:accessPointsMissing') }]}
        >
          <Select
            mode="multiple"
            loading={isLoading}
            options={points}
            notFoundContent={t('residents:noAccessPoints')}
          />
        </Form.Item>
        <Form.Item name="schedule" label={t('residents:schedule')}>
          <Select allowClear loading={isLoading} options={schedules} placeholder={t('residents:anyHour')} />
        </Form.Item>
        <Form.Item name="until" label={t('residents:untilLabel')} extra={t('residents:untilHint')}>
          <Input type="datetime-local" />
        </Form.Item>
        <div className={styles.buttons}>
          <Button onClick={onClose}>{t('shell:cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={isPending}>
            {t('residents:save')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
