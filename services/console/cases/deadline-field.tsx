import { Form, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { Moment } from '../time/moment.tsx';

/** What is usually asked for; a phone's date picker would cost more than it gives. */
const CHOICES_DAYS = [1, 3, 7, 15] as const;
const DAY_MS = 24 * 3_600_000;

/** The deadline so many days later, RFC 3339. */
export function extendedBy(deadlineAt: string, days: number): string {
  return new Date(Date.parse(deadlineAt) + days * DAY_MS).toISOString();
}

/** How much more time is asked for. */
export function DeadlineField({ deadlineAt }: { readonly deadlineAt: string }) {
  const { t } = useTranslation('cases');
  const days: number | undefined = Form.useWatch('days');
  return (
    <Form.Item
      name="days"
      label={t('moreDays')}
      rules={[{ required: true, message: t('moreDaysMissing') }]}
      extra={
        days === undefined ? undefined : (
          <>
            {t('newDeadline')} <Moment at={extendedBy(deadlineAt, days)} as="absolute" />
          </>
        )
      }
    >
      <Radio.Group
        optionType="button"
        options={CHOICES_DAYS.map((value) => ({ value, label: t('days', { count: value }) }))}
      />
    </Form.Item>
  );
}
