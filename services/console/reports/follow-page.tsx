import type { Satisfaction } from '@dipper/contract/api/case';
import type { ReportProgress, ReportRating } from '@dipper/contract/api/case-report';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router-dom';
import { useHub } from '../api/hub-context.ts';
import { isHubError } from '../api/hub-error.ts';
import { keys } from '../api/keys.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { Moment } from '../time/moment.tsx';
import styles from './report.module.css';
import { normalCode } from './report-code.ts';
import { ReportFrame } from './report-frame.tsx';

/** Where a resident's report stands, in plain words. */
export function FollowPage() {
  const { t } = useTranslation('reports');
  const { code = '' } = useParams();
  return (
    <ReportFrame title={t('followTitle')}>{code === 'follow' ? <CodeForm /> : <Progress code={code} />}</ReportFrame>
  );
}

function CodeForm() {
  const { t } = useTranslation('reports');
  const navigate = useNavigate();
  return (
    <Form<{ code: string }>
      layout="vertical"
      size="large"
      requiredMark={false}
      onFinish={({ code }) => navigate(`/report/${normalCode(code) ?? ''}`)}
    >
      <Form.Item
        name="code"
        label={t('code')}
        rules={[
          {
            validator: (_, value: string | undefined) =>
              normalCode(value ?? '') === undefined ? Promise.reject(new Error(t('codeInvalid'))) : Promise.resolve(),
          },
        ]}
      >
        <Input autoCapitalize="characters" autoComplete="off" spellCheck={false} maxLength={40} />
      </Form.Item>
      <Button type="primary" htmlType="submit" block>
        {t('follow')}
      </Button>
    </Form>
  );
}

function Progress({ code }: { readonly code: string }) {
  const { t } = useTranslation('reports');
  const { client } = useHub();
  const localText = useLocalText();
  const { data, error, refetch } = useQuery({
    queryKey: keys.report(code),
    queryFn: ({ signal }) => client.get<ReportProgress>(`/api/v1/public/reports/${encodeURIComponent(code)}`, signal),
    staleTime: 0,
  });
  if (data === undefined) {
    if (error === null) return <Loading rows={5} />;
    if (isHubError(error, 'NOT_FOUND') || isHubError(error, 'REQUEST_INVALID')) {
      return (
        <Notice title={t('unknownCode')} hint={t('unknownCodeHint')}>
          <Link to="/report/follow">{t('otherCode')}</Link>
        </Notice>
      );
    }
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  return (
    <>
      <p className={styles.says}>{localText(data.says)}</p>
      <p>
        {data.number} · {localText(data.category)}
      </p>
      {data.closedAt === null && (
        <p className={styles.hint}>
          {t('until')} <Moment at={data.deadlineAt} />
        </p>
      )}
      <ol className={styles.progress}>
        {[...data.steps].reverse().map(({ at, says }) => (
          <li key={at + says.en}>
            {localText(says)}
            <p>
              <Moment at={at} />
            </p>
          </li>
        ))}
      </ol>
      {data.canRate && <Rating code={code} />}
      {data.satisfaction !== null && <Alert type="success" showIcon title={t('thanks')} />}
    </>
  );
}

function Rating({ code }: { readonly code: string }) {
  const { t } = useTranslation(['reports', 'cases']);
  const { client } = useHub();
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const rate = useMutation({
    mutationFn: (rating: ReportRating) =>
      client.send<ReportProgress>('POST', `/api/v1/public/reports/${encodeURIComponent(code)}/rating`, rating),
    onSuccess: (progress) => queryClient.setQueryData(keys.report(code), progress),
  });
  const choices: readonly Satisfaction[] = ['satisfied', 'neutral', 'dissatisfied'];
  return (
    <Form<{ satisfaction: Satisfaction; text?: string }>
      className={styles.rating ?? ''}
      layout="vertical"
      requiredMark={false}
      onFinish={({ satisfaction, text }) => {
        const words = text?.trim() ?? '';
        rate.mutate({ satisfaction, ...(words === '' ? {} : { text: words }) });
      }}
    >
      {rate.error !== null && <Alert type="error" showIcon role="alert" title={errorText(rate.error).text} />}
      <Form.Item
        name="satisfaction"
        label={t('reports:howWasIt')}
        rules={[{ required: true, message: t('reports:howWasItMissing') }]}
      >
        <Radio.Group
          optionType="button"
          options={choices.map((value) => ({ value, label: t(`cases:satisfaction.${value}`) }))}
        />
      </Form.Item>
      <Form.Item name="text" label={t('reports:words')}>
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={500} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={rate.isPending}>
        {t('reports:rate')}
      </Button>
    </Form>
  );
}
