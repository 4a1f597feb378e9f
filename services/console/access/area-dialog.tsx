import type { AccessAreaView } from '@dipper/contract/api/access-point';
import { Form, Input, InputNumber } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import styles from './access.module.css';
import { AccessForm } from './access-form.tsx';
import { NameFields } from './name-fields.tsx';
import { clockOf } from './week.ts';

interface AreaDialogProps {
  readonly estate: string;
  /** Undefined: a new one. */
  readonly area: AccessAreaView | undefined;
  readonly onClose: () => void;
}

interface AreaValues {
  readonly id?: string;
  readonly zh: string;
  readonly en: string;
  readonly occupancyLimit?: number | null;
  /** `04:00`, as the browser's field has it. */
  readonly resetAt?: string;
}

const minuteFrom = (time: string | undefined): number | null => {
  const [hour, minute] = (time ?? '').split(':').map(Number);
  return hour === undefined || minute === undefined || Number.isNaN(hour + minute) ? null : hour * 60 + minute;
};

/** Makes an area, or changes one. */
export function AreaDialog({ estate, area, onClose }: AreaDialogProps) {
  const { t } = useTranslation('access');
  const localText = useLocalText();
  const { zh, en } = area?.name ?? {};
  const resetAtMinute = area?.resetAtMinute ?? null;
  return (
    <AccessForm<AreaValues>
      title={area === undefined ? t('areas.create') : localText(area.name)}
      item={area}
      initialValues={{
        ...{ zh, en, occupancyLimit: area?.occupancyLimit ?? null },
        ...(resetAtMinute !== null && { resetAt: clockOf(resetAtMinute) }),
      }}
      actionFrom={({ id = '', occupancyLimit = null, resetAt, ...name }, version) => {
        const body = { name: { zh: name.zh, en: name.en }, occupancyLimit, resetAtMinute: minuteFrom(resetAt) };
        return area === undefined
          ? { what: 'new-area', body: { id, estate, ...body } }
          : { what: 'area', id: area.id, body: { version, ...body } };
      }}
      onClose={onClose}
    >
      <NameFields isNew={area === undefined} />
      <div className={styles.pair}>
        <Form.Item name="occupancyLimit" label={t('areas.limit')} extra={t('areas.limitHint')}>
          <InputNumber min={1} max={1_000_000} precision={0} inputMode="numeric" />
        </Form.Item>
        <Form.Item name="resetAt" label={t('areas.reset')} extra={t('areas.resetHint')}>
          <Input type="time" allowClear />
        </Form.Item>
      </div>
    </AccessForm>
  );
}
