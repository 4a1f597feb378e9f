import { PRIORITIES } from '@dipper/contract/api/alarm';
import {
  type CreatedWebhook,
  MESSAGE_TYPES,
  type NewWebhook,
  WEBHOOK_FORMATS,
  type WebhookView,
} from '@dipper/contract/api/webhook';
import { Button, Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLanguage } from '../i18n/use-language.ts';
import { FormFailure } from '../layout/states.tsx';
import styles from './integrations-page.module.css';
import { minutesFrom } from './unseen-text.ts';
import { useChangeWebhook, useCreateWebhook } from './use-webhooks.ts';
import { bodyOf, valuesOf, type WebhookValues } from './webhook-values.ts';

interface WebhookDialogProps {
  /** Undefined: a new one. */
  readonly webhook: WebhookView | undefined;
  readonly onCreated: (created: CreatedWebhook) => void;
  readonly onClose: () => void;
}

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Makes a webhook, or changes one. */
export function WebhookDialog({ webhook, onCreated, onClose }: WebhookDialogProps) {
  const { t } = useTranslation(['integrations', 'alarms', 'shell']);
  const language = useLanguage();
  const create = useCreateWebhook();
  const change = useChangeWebhook();
  const [form] = Form.useForm<WebhookValues>();
  const format = Form.useWatch('format', form) ?? webhook?.format ?? 'standard';
  const types = Form.useWatch('types', form) ?? [];
  const submit = (values: WebhookValues): void => {
    const body = bodyOf({ ...valuesOf(webhook, language), ...values }, webhook);
    if (webhook === undefined) create.mutate(body as NewWebhook, { onSuccess: onCreated });
    else change.mutate({ id: webhook.id, change: body }, { onSuccess: onClose });
  };
  const clockRule = {
    validator: () => {
      const [from = '', until = ''] = [form.getFieldValue('from'), form.getFieldValue('until')];
      const isRight = from === '' ? until === '' : CLOCK.test(from) && CLOCK.test(until);
      return isRight ? Promise.resolve() : Promise.reject(new Error(t('integrations:clockInvalid')));
    },
  };
  return (
    <Modal
      open
      title={webhook === undefined ? t('integrations:create') : t('integrations:changeTitle', { name: webhook.name })}
      footer={null}
      onCancel={onClose}
      mask={{ closable: false }}
      width={560}
    >
      <Form<WebhookValues>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={valuesOf(webhook, language)}
        onFinish={submit}
      >
        <FormFailure error={create.error ?? change.error} />
        <Form.Item
          name="name"
          label={t('integrations:name')}
          rules={[{ required: true, whitespace: true, message: t('integrations:nameMissing') }]}
        >
          <Input autoComplete="off" maxLength={64} />
        </Form.Item>
        {webhook === undefined && (
          <Form.Item name="format" label={t('integrations:format')}>
            <Select options={WEBHOOK_FORMATS.map((value) => ({ value, label: t(`integrations:formats.${value}`) }))} />
          </Form.Item>
        )}
        <Form.Item
          name="url"
          label={t('integrations:url')}
          extra={webhook === undefined ? t('integrations:urlHint') : `${webhook.url} · ${t('integrations:urlKept')}`}
          rules={[
            { required: webhook === undefined, pattern: /^https?:\/\/[^\s@]+$/, message: t('integrations:urlInvalid') },
          ]}
        >
          <Input autoComplete="off" inputMode="url" spellCheck={false} maxLength={1024} placeholder="https://" />
        </Form.Item>
        {format === 'dingtalk' && (
          <Form.Item
            name="secret"
            label={t('integrations:robotSecret')}
            extra={t('integrations:robotSecretHint')}
            rules={[{ pattern: /^SEC[A-Za-z0-9]{16,128}$/, message: t('integrations:robotSecretInvalid') }]}
          >
            <Input.Password autoComplete="off" />
          </Form.Item>
        )}
        <Form.Item
          name="types"
          label={t('integrations:types')}
          rules={[{ required: true, message: t('integrations:typesMissing') }]}
        >
          <Select
            mode="multiple"
            options={MESSAGE_TYPES.map((value) => ({ value, label: t(`integrations:type.${value}`) }))}
          />
        </Form.Item>
        <Form.Item name="priorities" label={t('integrations:priorities')}>
          <Select
            mode="multiple"
            placeholder={t('integrations:everything')}
            options={PRIORITIES.map((value) => ({ value, label: t(`alarms:priority.${value}`) }))}
          />
        </Form.Item>
        {types.includes('alarm.unseen') && (
          <Form.Item label={t('integrations:unseen')} extra={t('integrations:unseenHint')}>
            <div className={styles.levels}>
              {PRIORITIES.map((priority) => (
                <Form.Item
                  key={priority}
                  name={['unseen', priority]}
                  label={t(`alarms:priority.${priority}`)}
                  rules={[
                    {
                      validator: (_: unknown, text = '') =>
                        minutesFrom(text) === undefined
                          ? Promise.reject(new Error(t('integrations:unseenInvalid')))
                          : Promise.resolve(),
                    },
                  ]}
                >
                  <Input inputMode="numeric" autoComplete="off" />
                </Form.Item>
              ))}
            </div>
          </Form.Item>
        )}
        <Form.Item label={t('integrations:quiet')} extra={t('integrations:quietHint')}>
          <div className={styles.levels}>
            <Form.Item name="from" label={t('integrations:from')} rules={[clockRule]}>
              <Input autoComplete="off" placeholder="22:00" />
            </Form.Item>
            <Form.Item name="until" label={t('integrations:until')} dependencies={['from']} rules={[clockRule]}>
              <Input autoComplete="off" placeholder="07:00" />
            </Form.Item>
          </div>
        </Form.Item>
        {format !== 'standard' && (
          <Form.Item name="language" label={t('integrations:language')}>
            <Select
              options={[
                { value: 'zh', label: '中文' },
                { value: 'en', label: 'English' },
              ]}
            />
          </Form.Item>
        )}
        <div className={styles.buttons}>
          <Button size="large" onClick={onClose}>
            {t('shell:cancel')}
          </Button>
          <Button size="large" type="primary" htmlType="submit" loading={create.isPending || change.isPending}>
            {t('integrations:save')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
