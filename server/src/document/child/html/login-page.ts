import type { DomDocument } from './dom.ts';

/** A page with more text than this has something to read beside its form. */
const maxTextBesidePassword = 600;
const maxTextBesideLogin = 300;

const signIn =
  /\b(?:sign[ -]?in|log[ -]?in|log[ -]?on|anmelden|anmeldung|einloggen|iniciar sesi[oó]n|acceder|connexion|se connecter|identifiez|accedi|entrar|inloggen|logga in|giriş yap|войти|вход|შესვლა|ავტორიზაცია|zaloguj)|登录|登入|ログイン|サインイン|로그인|تسجيل الدخول/iu;

/** True where a page only asks who is there: what was to be read lies behind it. */
export const isLoginPage = (document: DomDocument, textLength: number): boolean => {
  if (document.querySelector('input[type="password"]')) return textLength <= maxTextBesidePassword;
  const named = signIn.test(document.title) || signIn.test(document.querySelector('h1')?.textContent ?? '');
  return (
    named && textLength <= maxTextBesideLogin && document.querySelector('form,a[href*="oauth"],a[href*="sso"]') !== null
  );
};
