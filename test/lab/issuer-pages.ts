import type { KoaContextWithOIDC } from 'oidc-provider';

/** Bare pages: what a person meets who enters the code of a device (RFC 8628 section 3.3). */
function page({ response }: Pick<KoaContextWithOIDC, 'response'>, heading: string, body = ''): void {
  response.type = 'html';
  response.body = `<!doctype html><title>Lab</title><h1>${heading}</h1>${body}\n`;
}

export const devicePages = {
  userCodeInputSource: (context: KoaContextWithOIDC, form: string, out?: { readonly error: string }) =>
    page(
      context,
      out ? 'That did not go through' : 'Enter the code that your device shows',
      `${form}<button type="submit" form="op.deviceInputForm">Continue</button>`,
    ),
  userCodeConfirmSource: (
    context: KoaContextWithOIDC,
    form: string,
    _client: unknown,
    _device: unknown,
    userCode: string,
  ) =>
    page(
      context,
      `Does your device show ${userCode}?`,
      [
        form,
        '<button autofocus type="submit" form="op.deviceConfirmForm">Yes</button>',
        '<button type="submit" form="op.deviceConfirmForm" value="yes" name="abort">No</button>',
      ].join('\n'),
    ),
  successSource: (context: KoaContextWithOIDC) => page(context, 'Your device has been let in'),
};
