/** What `sonde login --help` says below its options. */
export const loginHelp = `
Without --device and --paste a browser on this host is opened, and brings the answer back to 127.0.0.1: register
http://127.0.0.1/callback at the issuer, or set login.redirect_uri. A token of the grant device_code is logged in to by
--device in any case. BROWSER names another browser; BROWSER=none opens none.

The tokens go to the daemon that runs on the state folder, which goes on with them at once, or else into its store, for
the next start. In a pod, with the folder that its daemon was given:

  kubectl exec -i POD -c sonde -- sonde login /etc/sonde --state-dir /var/lib/sonde --token NAME --device

Exit codes: 0 logged in, 1 the issuer or the person said no, or too late, 2 the configuration or the arguments are wrong,
3 sonde itself failed (the state folder, its store, its daemon).
`;

/** What `sonde logout --help` says below its options. */
export const logoutHelp = `
They are forgotten here whatever the issuer says; the daemon that runs on the state folder sends them no more. Exit
codes: 0 logged out, 1 the issuer did not revoke them, 2 the configuration or the arguments are wrong, 3 sonde itself
failed, or an exported token could not be removed.
`;
