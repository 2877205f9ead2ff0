import { allowInsecureRequests, type Client, type ClientAuth, customFetch } from 'oauth4webapi';
import type { TokenDefinition } from '../../model/check.ts';
import { compact } from '../../model/compact.ts';
import { Secret } from '../../model/secret.ts';
import type { IssuerEndpointName, SignedClaims, TokenObservation } from '../../model/token.ts';
import type { Dpop } from '../presentation/dpop.ts';
import type { DpopNonces } from '../presentation/dpop-nonces.ts';
import type { Authenticate, Occasion } from './client-authentication.ts';
import { type EndpointName, metadataMember } from './endpoint-names.ts';
import type { Endpoints, FoundEndpoint, Unfound } from './endpoints.ts';
import { createConceal } from './excerpt.ts';
import type { IssuerDoor, IssuerExchange, SendRequest } from './issuer-door.ts';
import { answerOf, movedAway } from './issuer-exchange.ts';
import { observationOf } from './issuer-observation.ts';
import type { IssuerMetadata } from './metadata.ts';
import type { Sign } from './signing.ts';
import type { TokenAnswer } from './token-answer.ts';
import { jsonRequest } from './token-request-body.ts';

/** What a request function of oauth4webapi is given. */
export interface Sending extends Occasion {
  /** Names the one endpoint that is asked. */
  readonly server: { readonly issuer: string };
  readonly client: Client;
  readonly authentication: ClientAuth;
  readonly options: {
    readonly headers: Record<string, string>;
    readonly [customFetch]: SendRequest;
    readonly [allowInsecureRequests]: true;
  };
}

/** All that one token run says to the issuer, and hears of it. Its methods throw `PermitRefused` alone. */
export interface Conversation {
  find(name: EndpointName): Promise<FoundEndpoint>;
  /** What the configured issuer says of itself, whatever endpoints are configured; undefined where none is. */
  metadata(): Promise<IssuerMetadata | Unfound | undefined>;
  /**
   * Makes a request by a function of oauth4webapi; once more where the issuer asks for a nonce in its proof (RFC 9449
   * section 8), with all that is signed made anew. Returns the last exchange.
   */
  send(name: EndpointName, endpoint: URL, request: (sending: Sending) => Promise<Response>): Promise<IssuerExchange>;
  /** The last exchange; undefined when there was none. */
  last(): IssuerExchange | undefined;
  /** Takes out of a text what is known, and what the run has sent. */
  conceal(text: string): string;
  /** What the run has seen by now. */
  observe(endpoint: IssuerEndpointName, answer: TokenAnswer): TokenObservation;
  /** The same for an endpoint that could not be found. */
  observeUnfound(unfound: Unfound): TokenObservation;
}

/** What all conversations of one client with its issuer share. */
export interface ConversationParts {
  readonly definition: Pick<TokenDefinition, 'grant' | 'clientId' | 'tokenRequest'>;
  readonly endpoints: Endpoints;
  readonly authenticate: Authenticate;
  readonly sign: Sign;
  readonly dpop: Dpop | undefined;
  /** Those that the issuer gave. */
  readonly nonces: DpopNonces;
  readonly mask: (text: string) => string;
}

/** `ownHeaders` are made anew for each request; `known` are the secrets that nothing that is told may show. */
export function createConversation(
  { definition, endpoints, authenticate, sign, dpop, nonces, mask }: ConversationParts,
  door: IssuerDoor,
  ownHeaders: () => Readonly<Record<string, string>>,
  known: readonly Secret[],
): Conversation {
  const { grant, clientId, tokenRequest } = definition;
  // The library asks for an id even where an assertion speaks for itself; then this one is sent nowhere.
  const client = { client_id: clientId ?? 'none' };
  const secrets = [...known];
  let signed: SignedClaims[] = [];

  const signNoted: Sign = async (signable) => {
    const made = await sign(signable);
    secrets.push(new Secret(made.jwt));
    signed.push(made.stamps);
    return made;
  };

  /** What a header makes of an id and a secret is known by neither. */
  const noteCredentials =
    (send: SendRequest): SendRequest =>
    (url, request) => {
      const { authorization } = request.headers;
      if (authorization !== undefined) secrets.push(new Secret(authorization.replace(/^\S+ /, '')));
      return send(url, request);
    };

  /** Sends a token request as the configuration has it: as JSON, with a proof. */
  const tokenSend =
    (send: SendRequest, endpoint: URL, nonce: string | undefined): SendRequest =>
    async (url, request) => {
      const sent = tokenRequest === 'json' ? jsonRequest(request) : request;
      const proof = await dpop?.prove(compact({ method: 'POST', url: endpoint, nonce }), signNoted);
      return send(url, proof ? { ...sent, headers: { ...sent.headers, dpop: proof.jwt } } : sent);
    };

  const attempt = (
    name: EndpointName,
    endpoint: URL,
    request: (sending: Sending) => Promise<Response>,
    nonce: string | undefined,
  ) =>
    door.exchange((sendPlainly) => {
      const send = noteCredentials(sendPlainly);
      signed = [];
      const occasion: Occasion = { issuer: endpoints.issuerName(), sign: async (each) => (await signNoted(each)).jwt };
      return request({
        ...occasion,
        server: { issuer: occasion.issuer, [metadataMember(name)]: endpoint.href },
        client,
        authentication: authenticate(occasion),
        options: {
          headers: { ...ownHeaders() },
          [customFetch]: name === 'token' ? tokenSend(send, endpoint, nonce) : send,
          // The configuration has decided on plain http already; the library's own rule knows no loopback.
          [allowInsecureRequests]: true,
        },
      });
    });

  const hearNonce = (endpoint: URL, { response }: IssuerExchange) =>
    response && nonces.hear(endpoint, response.headers);

  const conceal = (text: string) => createConceal(mask, secrets)(text);

  const observe = (endpoint: IssuerEndpointName | undefined, answer: TokenAnswer, exchange = door.last()) =>
    observationOf(compact({ grant, phases: door.phases(), endpoint, exchange, signed, conceal }), answer);

  return {
    find: (name) => endpoints.find(name, door, ownHeaders),
    metadata: () => endpoints.metadata(door, ownHeaders),
    async send(name, endpoint, request) {
      const nonce = nonces.of(endpoint);
      let exchange = await attempt(name, endpoint, request, nonce);
      const given = hearNonce(endpoint, exchange);
      if (dpop && given !== undefined && given !== nonce && asksForNonce(exchange)) {
        exchange = await attempt(name, endpoint, request, given);
        hearNonce(endpoint, exchange);
      }
      if (movedAway(exchange)) endpoints.forget();
      return exchange;
    },
    last: door.last,
    conceal,
    observe: (endpoint, answer) => observe(endpoint, answer),
    observeUnfound: ({ problem, failed }) => observe(door.last() && 'discovery', compact({ problem }), failed),
  };
}

function asksForNonce(exchange: IssuerExchange): boolean {
  const answer = answerOf(exchange);
  return 'refusal' in answer && answer.refusal.error === 'use_dpop_nonce';
}
