import type { AccessPointView } from '@dipper/contract/api/access-point';
import { SLUG_PATTERN } from '@dipper/contract/identifiers';
import { Checkbox, Form, Input, InputNumber, Radio, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useDevices } from '../devices/use-devices.ts';
import { useLocalText } from '../i18n/use-language.ts';
import styles from './access.module.css';
import { AccessForm } from './access-form.tsx';
import { FactorRules } from './factor-rules.tsx';
import { NameFields } from './name-fields.tsx';
import { type PointValues, pointActionFrom, pointValuesFrom } from './point-values.ts';
import type { AccessRulebook } from './use-access.ts';

interface PointDialogProps {
  readonly estate: string;
  /** Undefined: a new one. */
  readonly point: AccessPointView | undefined;
  readonly rulebook: AccessRulebook;
  readonly onClose: () => void;
}

/** Makes an access point of a gate, or changes its rules. */
export function PointDialog({ estate, point, rulebook, onClose }: PointDialogProps) {
  const { t } = useTranslation('access');
  const localText = useLocalText();
  const { data: devices = [] } = useDevices();
  const gates = devices.filter(
    ({ kind, place, ...gate }) => kind === 'gate' && place !== null && gate.estate === estate,
  );
  const areas = rulebook.areas.map(({ id, name }) => ({ value: id, label: localText(name) }));
  return (
    <AccessForm<PointValues>
      title={point === undefined ? t('points.create') : localText(point.name)}
      item={point}
      initialValues={pointValuesFrom(point)}
      actionFrom={(values, version) => {
        const place = gates.find(({ id }) => id === values.device)?.place ?? '';
        return pointActionFrom(values, point, place, version);
      }}
      onClose={onClose}
    >
      {point === undefined && (
        <Form.Item
          name="device"
          label={t('points.gate')}
          extra={t('points.gateHint')}
          rules={[{ required: true, message: t('missing') }]}
        >
          <Select
            options={gates.map(({ id, name }) => ({ value: id, label: localText(name) }))}
            notFoundContent={t('points.noGates')}
          />
        </Form.Item>
      )}
      <NameFields isNew={point === undefined} />
      <div className={styles.pair}>
        <Form.Item name="fromArea" label={t('points.from')}>
          <Select allowClear options={areas} placeholder={t('words.outside')} />
        </Form.Item>
        <Form.Item name="toArea" label={t('points.to')}>
          <Select allowClear options={areas} placeholder={t('words.outside')} />
        </Form.Item>
      </div>
      <FactorRules schedules={rulebook.schedules} />
      <Limits />
    </AccessForm>
  );
}

/** What holds besides: expiry, anti-passback, interlock, times. */
function Limits() {
  const { t } = useTranslation('access');
  const passback = Form.useWatch('passback');
  return (
    <>
      <Form.Item name="whenExpired" label={t('points.whenExpired')}>
        <Radio.Group
          options={(['residents-only', 'nobody'] as const).map((value) => ({
            value,
            label: t(`points.expiredChoice.${value}`),
          }))}
        />
      </Form.Item>
      <div className={styles.pair}>
        <Form.Item
          name="passback"
          label={t('points.passback')}
          dependencies={['fromArea', 'toArea']}
          rules={[
            ({ getFieldValue }) => ({
              validator: (_, value) =>
                value === 'off' || getFieldValue('fromArea') || getFieldValue('toArea')
                  ? Promise.resolve()
                  : Promise.reject(new Error(t('points.passbackNeedsArea'))),
            }),
          ]}
        >
          <Select
            options={(['off', 'hard', 'soft'] as const).map((value) => ({
              value,
              label: t(`points.passbackChoice.${value}`),
            }))}
          />
        </Form.Item>
        {passback !== undefined && passback !== 'off' && (
          <Form.Item name="passbackMinutes" label={t('points.passbackMinutes')} extra={t('points.passbackMinutesHint')}>
            <InputNumber min={1} max={10_080} precision={0} inputMode="numeric" />
          </Form.Item>
        )}
        <Form.Item
          name="interlock"
          label={t('points.interlock')}
          extra={t('points.interlockHint')}
          rules={[{ pattern: new RegExp(SLUG_PATTERN), message: t('idInvalid') }]}
        >
          <Input autoComplete="off" spellCheck={false} autoCapitalize="none" maxLength={63} />
        </Form.Item>
      </div>
      <div className={styles.pair}>
        <Form.Item name="factorWindowSec" label={t('points.factorWindow')}>
          <InputNumber min={2} max={120} precision={0} placeholder="20" inputMode="numeric" />
        </Form.Item>
        <Form.Item name="passageSec" label={t('points.passageWindow')}>
          <InputNumber min={1} max={300} precision={0} placeholder="10" inputMode="numeric" />
        </Form.Item>
      </div>
      <Form.Item name="outOfOrder" valuePropName="checked">
        <Checkbox>{t('points.outOfOrder')}</Checkbox>
      </Form.Item>
    </>
  );
}
