import { PlusOutlined } from '@ant-design/icons';
import type { AccessScheduleView, HolidayUse } from '@dipper/contract/api/access-schedule';
import { Button, Form, Input, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import styles from './access.module.css';
import { AccessForm } from './access-form.tsx';
import { DAYS, spansFromText, spansToText } from './week.ts';

interface ScheduleDialogProps {
  readonly estate: string;
  /** Undefined: a new one. */
  readonly schedule: AccessScheduleView | undefined;
  readonly onClose: () => void;
}

interface ScheduleValues {
  readonly name: string;
  /** As somebody writes the hours of a day. */
  readonly week: Readonly<Record<(typeof DAYS)[number], string>>;
  readonly holidays: HolidayUse;
  readonly specialDays: readonly { readonly date: string; readonly hours?: string }[];
}

const HOLIDAY_USES = ['as-usual', 'closed', 'as-sunday'] as const;
/** As many as the contract takes. */
const MAX_SPECIAL_DAYS = 400;

/** Makes hours, or changes them: a week, statutory holidays, special days. */
export function ScheduleDialog({ estate, schedule, onClose }: ScheduleDialogProps) {
  const { t } = useTranslation('access');
  const week = Object.fromEntries(DAYS.map((day, index) => [day, spansToText(schedule?.weekly[index] ?? [])]));
  return (
    <AccessForm<ScheduleValues>
      title={schedule?.name ?? t('schedules.create')}
      item={schedule}
      initialValues={{
        ...{ name: schedule?.name, week, holidays: schedule?.holidays ?? 'as-usual' },
        specialDays: (schedule?.specialDays ?? []).map(({ date, spans }) => ({ date, hours: spansToText(spans) })),
      }}
      actionFrom={({ name, week: written, holidays, specialDays }, version) => {
        const body = {
          ...{ name, holidays, weekly: DAYS.map((day) => spansFromText(written[day] ?? '') ?? []) },
          specialDays: specialDays.map(({ date, hours = '' }) => ({ date, spans: spansFromText(hours) ?? [] })),
        };
        return schedule === undefined
          ? { what: 'new-schedule', body: { estate, ...body } }
          : { what: 'schedule', id: schedule.id, body: { version, ...body } };
      }}
      onClose={onClose}
    >
      <Form.Item name="name" label={t('name')} rules={[{ required: true, whitespace: true, message: t('missing') }]}>
        <Input autoComplete="off" maxLength={64} />
      </Form.Item>
      <Week />
      <Form.Item name="holidays" label={t('schedules.holidays')} extra={t('schedules.holidaysHint')}>
        <Radio.Group options={HOLIDAY_USES.map((value) => ({ value, label: t(`schedules.holidayUse.${value}`) }))} />
      </Form.Item>
      <SpecialDays />
    </AccessForm>
  );
}

function useHoursRule() {
  const { t } = useTranslation('access');
  return {
    validator: (_: unknown, text = '') =>
      spansFromText(text) === undefined ? Promise.reject(new Error(t('schedules.weekInvalid'))) : Promise.resolve(),
  };
}

function Week() {
  const { t } = useTranslation('access');
  const form = Form.useFormInstance();
  const hoursRule = useHoursRule();
  const copyMonday = (): void => {
    const monday: unknown = form.getFieldValue(['week', 'mon']);
    form.setFieldsValue({ week: Object.fromEntries(DAYS.map((day) => [day, monday])) });
  };
  return (
    <>
      <h3 className={styles.part}>{t('schedules.week')}</h3>
      <p className={styles.quiet}>{t('schedules.weekHint')}</p>
      <div className={styles.week}>
        {DAYS.map((day) => (
          <Form.Item key={day} name={['week', day]} label={t(`days.${day}`)} rules={[hoursRule]}>
            <Input autoComplete="off" placeholder={t('closedDay')} maxLength={300} />
          </Form.Item>
        ))}
      </div>
      <Form.Item>
        <Button size="small" onClick={copyMonday}>
          {t('schedules.copy')}
        </Button>
      </Form.Item>
    </>
  );
}

function SpecialDays() {
  const { t } = useTranslation('access');
  const hoursRule = useHoursRule();
  return (
    <>
      <h3 className={styles.part}>{t('schedules.special')}</h3>
      <p className={styles.quiet}>{t('schedules.specialHint')}</p>
      <Form.List name="specialDays">
        {(fields, { add, remove }) => (
          <>
            {fields.map(({ key, name }) => (
              <div key={key} className={styles.special}>
                <Form.Item
                  name={[name, 'date']}
                  rules={[
                    { required: true, message: t('missing') },
                    ({ getFieldValue }) => ({
                      validator(_, date) {
                        const all = (getFieldValue('specialDays') ?? []) as readonly { readonly date?: string }[];
                        const isTwice = date !== undefined && all.filter((each) => each?.date === date).length > 1;
                        return isTwice ? Promise.reject(new Error(t('schedules.dateTwice'))) : Promise.resolve();
                      },
                    }),
                  ]}
                >
                  <Input type="date" aria-label={t('schedules.date')} />
                </Form.Item>
                <Form.Item name={[name, 'hours']} rules={[hoursRule]}>
                  <Input
                    autoComplete="off"
                    aria-label={t('tabs.schedules')}
                    placeholder={t('closedDay')}
                    maxLength={300}
                  />
                </Form.Item>
                <Button onClick={() => remove(name)}>{t('schedules.removeSpecial')}</Button>
              </div>
            ))}
            {fields.length < MAX_SPECIAL_DAYS && (
              <Form.Item>
                <Button icon={<PlusOutlined />} onClick={() => add({})}>
                  {t('schedules.addSpecial')}
                </Button>
              </Form.Item>
            )}
          </>
        )}
      </Form.List>
    </>
  );
}
