import { ArrowUpOutlined, PlusOutlined } from '@ant-design/icons';
import type { AccessScheduleView } from '@dipper/contract/api/access-schedule';
import { Button, Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import styles from './access.module.css';
import { factorsOf, hasOtherWay, WAYS } from './point-values.ts';
import { useAccessWords } from './use-access-words.ts';

/** As many as the contract takes. */
const MAX_RULES = 16;

/** When one passes, and by what: rules that are read from the top. */
export function FactorRules({ schedules }: { readonly schedules: readonly AccessScheduleView[] }) {
  const { t } = useTranslation('access');
  const { combination, week } = useAccessWords();
  const wayOptions = (['one', 'two'] as const).map((count) => ({
    label: t(`factors.${count}`),
    title: count,
    options: WAYS[count].map((way) => ({ value: way, label: combination(factorsOf(way)) })),
  }));
  const hours = schedules.map(({ id, name, weekly }) => ({ value: id, label: `${name} (${week(weekly)})` }));
  return (
    <>
      <h3 className={styles.part}>{t('points.rules')}</h3>
      <p className={styles.quiet}>{t('points.rulesHint')}</p>
      <Form.List name="factorRules">
        {(fields, { add, remove, move }) => (
          <div className={styles.rules}>
            {fields.map(({ key, name }, index) => (
              <div key={key} className={styles.rule}>
                <Form.Item name={[name, 'schedule']} label={t('points.when')}>
                  <Select allowClear options={hours} placeholder={t('words.always')} />
                </Form.Item>
                <Form.Item
                  name={[name, 'ways']}
                  label={t('points.ways')}
                  rules={[
                    { required: true, message: t('points.waysMissing') },
                    {
                      validator: (_, ways: readonly string[] = []) =>
                        ways.length === 0 || hasOtherWay(ways)
                          ? Promise.resolve()
                          : Promise.reject(new Error(t('points.faceAlone'))),
                    },
                  ]}
                >
                  <Select mode="multiple" options={wayOptions} showSearch={false} />
                </Form.Item>
                {fields.length > 1 && (
                  <div className={styles.actions}>
                    {index > 0 && (
                      <Button size="small" icon={<ArrowUpOutlined />} onClick={() => move(index, index - 1)}>
                        {t('points.up')}
                      </Button>
                    )}
                    <Button size="small" onClick={() => remove(name)}>
                      {t('points.removeRule')}
                    </Button>
                  </div>
                )}
              </div>
            ))}
            {fields.length < MAX_RULES && (
              <Button icon={<PlusOutlined />} onClick={() => add({ ways: [] })}>
                {t('points.addRule')}
              </Button>
            )}
          </div>
        )}
      </Form.List>
    </>
  );
}
