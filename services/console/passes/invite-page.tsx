import {
  DEFAULT_PASS_USES,
  INVITE_LIMITS,
  type InvitedPass,
  type InvitePage as InviteView,
} from '@dipper/contract/api/pass';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input, Select, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router-dom';
import { useHub } from '../api/hub-context.ts';
import { isHubError } from '../api/hub-error.ts';
import { keys } from '../api/keys.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, FormFailure, Loading, Notice } from '../layout/states.tsx';
import { ReportFrame } from '../reports/report-frame.tsx';
import { Moment } from '../time/moment.tsx';
import { instantFrom } from '../time/site-time.ts';
import styles from './passes.module.css';

interface Values {
  readonly name: string;
  readonly plate?: string;
  /** As the field has it: by the clocks of the estates. */
  readonly from?: string;
  readonly hours: number;
  readonly uses: number;
}

const HOURS = [2, 4, 12, 24, 48, INVITE_LIMITS.hours];

/** A resident gives out passes to their visitors, by a link and without an account. */
export function InvitePage() {
  const { t } = useTranslation('passes');
  const { code = '' } = useParams();
  const { client } = useHub();
  const { data, error, refetch } = useQuery({
    queryKey: keys.invite(code),
    queryFn: ({ signal }) => client.get<InviteView>(`/api/v1/public/invites/${encodeURIComponent(code)}`, signal),
    staleTime: 0,
  });
  const isUnknown = isHubError(error, 'NOT_FOUND') || isHubError(error, 'REQUEST_INVALID');
  return (
    <ReportFrame title={t('inviteTitle')}>
      {isUnknown ? (
        <Notice title={t('inviteUnknown')} hint={t('inviteUnknownHint')} />
      ) : data !== undefined ? (
        <Inviting code={code} page={data} />
      ) : error === null ? (
        <Loading rows={6} />
      ) : (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
    </ReportFrame>
  );
}

function Inviting({ code, page }: { readonly code: string; readonly page: InviteView }) {
  const { t } = useTranslation('passes');
  const localText = useLocalText();
  const { client } = useHub();
  const queryClient = useQueryClient();
  const [form] = Form.useForm<Values>();
  const address = `/api/v1/public/invites/${encodeURIComponent(code)}/passes`;
  const issue = useMutation({
    mutationFn: (asked: InvitedPass) => client.send<InviteView>('POST', address, asked),
    onSuccess(next) {
      queryClient.setQueryData(keys.invite(code), next);
      form.resetFields();
    },
  });
  const send = ({ name, plate, from, hours, uses }: Values): void => {
    const car = plate?.trim() ?? '';
    issue.mutate({
      ...{ name: name.trim(), hours, uses },
      ...(car !== '' && { plate: car }),
      ...(from !== undefined && from !== '' && { from: new Date(instantFrom(from) ?? Date.now()).toISOString() }),
    });
  };
  const { limits } = page;
  return (
    <>
      <p className={styles.estate}>{t('inviteFor', { host: page.host, estate: localText(page.estate) })}</p>
      <p className={styles.quiet}>{t('inviteHint', { passes: limits.passes, hours: limits.hours })}</p>
      {page.accessPoints.length === 0 ? (
        <Alert type="warning" showIcon title={t('inviteNowhere')} />
      ) : (
        <Form<Values>
          form={form}
          layout="vertical"
          size="large"
          requiredMark={false}
          initialValues={{ hours: 4, uses: DEFAULT_PASS_USES }}
          onFinish={send}
        >
          <FormFailure error={issue.error} />
          <Form.Item
            name="name"
            label={t('visitor')}
            rules={[{ required: true, whitespace: true, message: t('missing') }]}
          >
            <Input maxLength={64} autoComplete="off" />
          </Form.Item>
          <Form.Item name="plate" label={t('plate')}>
            <Input maxLength={16} autoComplete="off" placeholder={t('plateExample')} />
          </Form.Item>
          <Form.Item name="from" label={t('begins')} extra={t('today')}>
            <Input type="datetime-local" />
          </Form.Item>
          <Form.Item name="hours" label={t('hours')}>
            <Select options={HOURS.map((count) => ({ value: count, label: t('hoursCount', { count }) }))} />
          </Form.Item>
          <Form.Item name="uses" label={t('uses')} extra={t('usesHint')}>
            <Select
              options={Array.from({ length: limits.uses }, (_, index) => ({
                value: index + 1,
                label: String(index + 1),
              }))}
            />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={issue.isPending}>
            {t('make')}
          </Button>
        </Form>
      )}
      {page.passes.length > 0 && (
        <section className={styles.mine}>
          <h2>{t('myPasses')}</h2>
          <ul>
            {page.passes.map((pass) => (
              <MyPass key={pass.id} code={code} pass={pass} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function MyPass({ code, pass }: { readonly code: string; readonly pass: InviteView['passes'][number] }) {
  const { t } = useTranslation(['passes', 'shell']);
  const { client } = useHub();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: () =>
      client.send<InviteView>('POST', `/api/v1/public/invites/${encodeURIComponent(code)}/passes/${pass.id}/revoke`),
    onSuccess: (next) => queryClient.setQueryData(keys.invite(code), next),
    onError: (error) => void message.error(errorText(error).text),
  });
  const ask = (): void => {
    modal.confirm({
      title: t('passes:revokeTitle', { name: pass.name }),
      content: t('passes:revokeHint'),
      okText: t('passes:revoke'),
      okButtonProps: { danger: true },
      cancelText: t('shell:cancel'),
      onOk: () => revoke.mutateAsync().catch(() => undefined),
    });
  };
  return (
    <li className={styles.myPass}>
      <span className={styles.name}>
        {pass.name} {pass.plate !== null && <span className={styles.plate}>{pass.plate}</span>}{' '}
        <Tag>{t(`passes:state.${pass.state}`)}</Tag>
      </span>
      <span>
        <Moment at={pass.from} as="absolute" /> – <Moment at={pass.until} as="absolute" />
      </span>
      <span className={styles.quiet}>{t('passes:usedOf', { used: pass.used, uses: pass.uses })}</span>
      <div className={styles.actions}>
        <Link to={`/pass/${pass.code}`} target="_blank" rel="noreferrer">
          {t('passes:openPass')}
        </Link>
        <Button size="small" danger onClick={ask} loading={revoke.isPending}>
          {t('passes:revoke')}
        </Button>
      </div>
    </li>
  );
}
