import { DEFAULT_PASS_USES, type IssuedPass, type NewPass } from '@dipper/contract/api/pass';
import { Alert, Button, Form, Input, InputNumber, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import { FormFailure } from '../layout/states.tsx';
import { usePlaceTree } from '../places/use-place-tree.ts';
import { fieldFrom, instantFrom } from '../time/site-time.ts';
import styles from './passes.module.css';
import { ResidentSelect } from './resident-select.tsx';
import { useAccessPoints, useIssuePass } from './use-passes.ts';

interface Values {
  /** Asked where there is more than one. */
  readonly estate?: string;
  readonly name: string;
  readonly plate?: string;
  readonly host?: string;
  readonly accessPoints: string[];
  /** As the fields have them: by the clocks of the estates. */
  readonly from: string;
  readonly until: string;
  readonly uses: number;
  readonly note?: string;
}

/** Most visits are over the same evening. */
const USUAL_HOURS = 4;

interface NewPassDialogProps {
  readonly onIssued: (issued: IssuedPass) => void;
  readonly onClose: () => void;
}

/** A pass for somebody who comes: who, when, through which entrances. */
export function NewPassDialog({ onIssued, onClose }: NewPassDialogProps) {
  const { t } = useTranslation(['passes', 'shell']);
  const localText = useLocalText();
  const [form] = Form.useForm<Values>();
  const { data: tree } = usePlaceTree();
  const { data: points } = useAccessPoints();
  const issue = useIssuePass();
  const estates = (tree?.estates ?? []).filter(({ id }) => points?.some(({ estate }) => estate === id) !== false);
  const only = estates.length === 1 ? estates[0]?.id : undefined;
  const estate = Form.useWatch('estate', form) ?? only;
  const here = (points ?? []).filter((point) => point.estate === estate && point.active);
  const required = [{ required: true, message: t('passes:missing') }];
  const send = ({ from, until, name, plate, note, host, ...rest }: Values): void => {
    const [car, words] = [plate?.trim() ?? '', note?.trim() ?? ''];
    const asked: NewPass = {
      ...{ ...rest, estate: estate ?? '' },
      name: name.trim(),
      from: isoOf(from),
      until: isoOf(until),
      ...(car !== '' && { plate: car }),
      ...(words !== '' && { note: words }),
      ...(host !== undefined && { host }),
    };
    issue.mutate(asked, { onSuccess: onIssued });
  };
  return (
    <Modal open title={t('passes:issue')} footer={null} onCancel={onClose} mask={{ closable: false }}>
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ uses: DEFAULT_PASS_USES, from: minuteField(0), until: minuteField(USUAL_HOURS) }}
        onFinish={send}
      >
        <FormFailure error={issue.error} />
        {only === undefined && (
          <Form.Item name="estate" label={t('passes:estate')} rules={required}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={estates.map(({ id, name }) => ({ value: id, label: localText(name) }))}
              onChange={() => form.setFieldsValue({ accessPoints: [] })}
            />
          </Form.Item>
        )}
        <Form.Item
          name="name"
          label={t('passes:visitor')}
          rules={[{ required: true, whitespace: true, message: t('passes:missing') }]}
        >
          <Input maxLength={64} autoComplete="off" />
        </Form.Item>
        <Form.Item name="plate" label={t('passes:plate')}>
          <Input maxLength={16} autoComplete="off" placeholder={t('passes:plateExample')} />
        </Form.Item>
        <Form.Item name="host" label={t('passes:host')}>
          <ResidentSelect estate={estate} />
        </Form.Item>
        {estate !== undefined && points !== undefined && here.length === 0 && (
          <Alert type="warning" showIcon title={t('passes:noAccessPoints')} />
        )}
        <Form.Item name="accessPoints" label={t('passes:way')} rules={required}>
          <Select mode="multiple" options={here.map(({ id, name }) => ({ value: id, label: localText(name) }))} />
        </Form.Item>
        <div className={styles.range}>
          <Form.Item name="from" label={t('passes:validFrom')} rules={required}>
            <Input type="datetime-local" />
          </Form.Item>
          <Form.Item name="until" label={t('passes:validUntil')} rules={required}>
            <Input type="datetime-local" />
          </Form.Item>
        </div>
        <Form.Item name="uses" label={t('passes:uses')} extra={t('passes:usesHint')} rules={required}>
          <InputNumber min={1} max={1_000} precision={0} />
        </Form.Item>
        <Form.Item name="note" label={t('passes:note')}>
          <Input maxLength={200} />
        </Form.Item>
        <div className={styles.buttons}>
          <Button onClick={onClose}>{t('shell:cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={issue.isPending}>
            {t('passes:make')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}

/** So many hours from now, to the minute, as the field has it. */
function minuteField(inHours: number): string {
  return fieldFrom(Date.now() + inHours * 3_600_000).slice(0, 'YYYY-MM-DDTHH:mm'.length);
}

/** The instant of a field, by the clocks of the estates. */
function isoOf(field: string): string {
  return new Date(instantFrom(field) ?? Number.NaN).toISOString();
}
