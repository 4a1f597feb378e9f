import type { Session, SignIn } from '@dipper/contract/api/session';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { LanguageSwitch } from '../layout/language-switch.tsx';
import { SESSION_KEY } from './session-query.ts';
import styles from './sign-in-page.module.css';

/** @param hasEnded whether a session was there and has ended by itself */
export function SignInPage({ hasEnded }: { readonly hasEnded: boolean }) {
  const { t } = useTranslation(['session', 'shell']);
  const { client } = useHub();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const signIn = useMutation({
    mutationFn: (body: SignIn) => client.send<Session>('POST', '/api/v1/sessions', body),
    onSuccess: ({ token: _, ...session }) => {
      client.setCsrfToken(session.csrfToken);
      queryClient.setQueryData(SESSION_KEY, session);
    },
  });
  const failure = signIn.error === null ? undefined : errorText(signIn.error);
  return (
    <main className={styles.page}>
      <div className={styles.corner}>
        <LanguageSwitch />
      </div>
      <section className={styles.card} aria-labelledby="sign-in-title">
        <img src="/dipper.svg" alt="" width={56} height={56} />
        <h1 id="sign-in-title" className={styles.title}>
          {t('shell:product')}
        </h1>
        <p className={styles.tagline}>{t('shell:tagline')}</p>
        {failure === undefined && hasEnded && (
          <Alert className={styles.notice ?? ''} type="info" showIcon title={t('session:ended')} />
        )}
        {failure !== undefined && (
          <Alert
            className={styles.notice ?? ''}
            type="error"
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
          <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
            {t('session:submit')}
          </Button>
        </Form>
        <p className={styles.hint}>{t('session:hint')}</p>
        <p className={styles.hint}>{t('session:privacy')}</p>
      </section>
    </main>
  );
}
