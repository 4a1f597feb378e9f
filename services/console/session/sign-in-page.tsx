import type { Session, SignIn } from '@dipper/contract/api/session';
import { ONE_TIME_CODE_PATTERN } from '@dipper/contract/api/totp';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { useHub } from '../api/hub-context.ts';
import { isHubError } from '../api/hub-error.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { Entrance } from './entrance.tsx';
import { SESSION_KEY } from './session-query.ts';
import styles from './sign-in-page.module.css';

const ONE_TIME_CODE = new RegExp(ONE_TIME_CODE_PATTERN);

/** @param hasEnded whether a session was there and has ended by itself */
export function SignInPage({ hasEnded }: { readonly hasEnded: boolean }) {
  const { t } = useTranslation(['session', 'shell']);
  const { client } = useHub();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  // Asked for once the hub has said that this account has one, and kept while the code is typed again.
  const [needsCode, setNeedsCode] = useState(false);
  const signIn = useMutation({
    mutationFn: (body: SignIn) => client.send<Session>('POST', '/api/v1/sessions', body),
    onError: (error) => setNeedsCode((before) => before || isHubError(error, 'TOTP_REQUIRED')),
    onSuccess: ({ token: _, ...session }) => {
      client.setCsrfToken(session.csrfToken);
      queryClient.setQueryData(SESSION_KEY, session);
    },
  });
  const failure = signIn.error === null ? undefined : errorText(signIn.error);
  const isAsked = isHubError(signIn.error, 'TOTP_REQUIRED');
  return (
    <Entrance titleId="sign-in-title" title={t('shell:product')} tagline={t('shell:tagline')}>
      {failure === undefined && hasEnded && (
        <Alert className={styles.notice ?? ''} type="info" showIcon title={t('session:ended')} />
      )}
      {failure !== undefined && (
        <Alert
          className={styles.notice ?? ''}
          type={isAsked ? 'info' : 'error'}
          showIcon
          role="alert"
          title={failure.text}
          description={failure.reference}
        />
      )}
      <Form<SignIn> layout="vertical" size="large" requiredMark={false} onFinish={(body) => signIn.mutate(body)}>
        <Form.Item
          name="name"
          label={t('session:name')}
          rules={[{ required: true, message: t('session:nameMissing') }]}
        >
          <Input autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={64} autoFocus />
        </Form.Item>
        <Form.Item
          name="password"
          label={t('session:password')}
          rules={[{ required: true, message: t('session:passwordMissing') }]}
        >
          <Input.Password autoComplete="current-password" maxLength={256} />
        </Form.Item>
        {needsCode && (
          <Form.Item
            name="code"
            label={t('session:code')}
            extra={t('session:codeHint')}
            normalize={(typed: string) => typed.trim().toLowerCase()}
            rules={[{ required: true, message: t('session:codeMissing'), pattern: ONE_TIME_CODE }]}
          >
            <Input autoComplete="one-time-code" autoCapitalize="none" spellCheck={false} maxLength={24} autoFocus />
          </Form.Item>
        )}
        <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
          {t('session:submit')}
        </Button>
      </Form>
      <p className={styles.hint}>
        <Link to="/set-password">{t('session:hasCode')}</Link>
      </p>
      <p className={styles.hint}>{t('session:hint')}</p>
      <p className={styles.hint}>{t('session:privacy')}</p>
    </Entrance>
  );
}
