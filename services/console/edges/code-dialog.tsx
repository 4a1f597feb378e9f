import type { NewEnrolmentCode } from '@dipper/contract/api/enrolment';
import { SLUG_PATTERN } from '@dipper/contract/identifiers';
import { Alert, App, Button, Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocalText } from '../i18n/use-language.ts';
import { FormFailure } from '../layout/states.tsx';
import { usePlaceTree } from '../places/use-place-tree.ts';
import { Moment } from '../time/moment.tsx';
import styles from './edges-page.module.css';
import { type Edge, useMakeCode } from './use-edges.ts';

interface CodeDialogProps {
  /** Undefined: a new one. */
  readonly edge: Pick<Edge, 'id' | 'estate'> | undefined;
  readonly onClose: () => void;
}

/** Makes a one-time code for an edge and shows it, once, in the command that takes it. */
export function CodeDialog({ edge, onClose }: CodeDialogProps) {
  const { t } = useTranslation(['edges', 'shell']);
  const localText = useLocalText();
  const { data: tree, isPending } = usePlaceTree();
  const make = useMakeCode();
  const { data: made } = make;
  if (made !== undefined) {
    const command = `npm run edge -- enrol --hub ${window.location.origin} --code ${made.code} --config edge.yaml`;
    return (
      <Modal
        open
        title={t('edges:codeTitle', { id: made.agent })}
        closable={false}
        keyboard={false}
        mask={{ closable: false }}
        width={640}
        footer={
          <Button size="large" type="primary" onClick={onClose}>
            {t('edges:done')}
          </Button>
        }
      >
        <p className={styles.code}>{made.code}</p>
        <p>
          {t('edges:codeHint')} <Moment at={made.expiresAt} as="absolute" />
        </p>
        <CopyField label={t('edges:command')} text={command} />
        {window.location.protocol === 'http:' && !window.isSecureContext && (
          <Alert className={styles.warning ?? ''} type="warning" showIcon title={t('edges:noTls')} />
        )}
      </Modal>
    );
  }
  return (
    <Modal
      open
      title={edge === undefined ? t('edges:bringIn') : t('edges:codeFor', { id: edge.id })}
      footer={null}
      onCancel={onClose}
      mask={{ closable: false }}
    >
      <Form<NewEnrolmentCode>
        layout="vertical"
        requiredMark={false}
        initialValues={edge === undefined ? {} : { estate: edge.estate, agent: edge.id }}
        onFinish={(values) => make.mutate(values)}
      >
        <FormFailure error={make.error} />
        <Form.Item
          name="estate"
          label={t('edges:estate')}
          rules={[{ required: true, message: t('edges:estateMissing') }]}
        >
          <Select
            disabled={edge !== undefined}
            loading={isPending}
            showSearch={{ optionFilterProp: 'label' }}
            options={(tree?.estates ?? []).map(({ id, name }) => ({ value: id, label: localText(name) }))}
          />
        </Form.Item>
        <Form.Item
          name="agent"
          label={t('edges:name')}
          extra={t('edges:nameHint')}
          rules={[{ required: true, pattern: new RegExp(SLUG_PATTERN), message: t('edges:nameInvalid') }]}
        >
          <Input
            disabled={edge !== undefined}
            autoComplete="off"
            spellCheck={false}
            maxLength={63}
            placeholder="lanting-edge-2"
          />
        </Form.Item>
        <div className={styles.buttons}>
          <Button onClick={onClose}>{t('shell:cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={make.isPending}>
            {t('edges:makeCode')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}

function CopyField({ label, text }: { readonly label: string; readonly text: string }) {
  const { t } = useTranslation('edges');
  const { message } = App.useApp();
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    message.success(t('copied'));
  };
  return (
    <div className={styles.copy}>
      <Input.TextArea readOnly autoSize value={text} aria-label={label} onFocus={(event) => event.target.select()} />
      {/* Browsers copy for a page only over TLS or on this machine. */}
      {window.isSecureContext && <Button onClick={() => void copy()}>{t('copy')}</Button>}
    </div>
  );
}
