import type { ConsentAnswer } from './issuer-interactions.ts';

/** A browser without a screen: keeps cookies, and does not follow redirects by itself. */
interface Browser {
  open(url: URL, form?: Readonly<Record<string, string>>): Promise<Response>;
}

function openBrowser(): Browser {
  const cookies = new Map<string, string>();
  return {
    async open(url, form) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const body = form && new URLSearchParams(form);
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }) },
        ...(body ? { method: 'POST', body } : {}),
      });
      for (const set of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        if (value === '') cookies.delete(name);
        else cookies.set(name, value);
      }
      return response;
    },
  };
}

const locationOf = (response: Response, from: URL) => {
  const location = response.headers.get('location');
  return location === null ? undefined : new URL(location, from);
};

/**
 * Opens an address of the lab's issuer as a person's browser does and answers what is asked. Resolves with the first
 * address elsewhere that it is sent to: the redirect with the code, or with an error. Throws when it ends at a page.
 */
export async function consent(
  authorizationUrl: string | URL,
  { answer = 'grant' }: { readonly answer?: ConsentAnswer } = {},
): Promise<URL> {
  const browser = openBrowser();
  let url = new URL(authorizationUrl);
  const { origin } = url;
  while (url.origin === origin) {
    if (answer !== 'grant' && url.pathname.startsWith('/interaction/')) url.searchParams.set('answer', answer);
    const response = await browser.open(url);
    const next = locationOf(response, url);
    if (!next) throw new Error(`${url.pathname} answered ${response.status}: ${await response.text()}`);
    url = next;
  }
  return url;
}

/** Enters a device's code and answers; resolves with the heading of the page that this ends at. */
async function enterUserCode(issuer: string, userCode: string, answer: 'confirm' | 'abort'): Promise<string> {
  const browser = openBrowser();
  let url = new URL('/device', issuer);
  const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(await (await browser.open(url)).text()) ?? [];
  let response = await browser.open(url, { xsrf, user_code: userCode, [answer]: 'yes' });
  for (let next = locationOf(response, url); next; next = locationOf(response, url)) {
    url = next;
    response = await browser.open(url);
  }
  return /<h1>(.*)<\/h1>/.exec(await response.text())?.[1] ?? `${response.status}`;
}

/** Lets a device in (RFC 8628 section 3.3); resolves with what the person reads then. */
export const approveDevice = (issuer: string, userCode: string) => enterUserCode(issuer, userCode, 'confirm');

/** Refuses a device; resolves with what the person reads then. */
export const denyDevice = (issuer: string, userCode: string) => enterUserCode(issuer, userCode, 'abort');
