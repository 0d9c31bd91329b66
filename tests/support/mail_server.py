"""A mail server for the tests, on a free port: prints the port, then a line of JSON for each mail it
takes and each sign-in it is asked for, until the process that started it is gone."""

import argparse
import asyncio
import email
import email.policy
import json
import os
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


def tell(what):
    print(json.dumps(what), flush=True)


class Handler:
    def __init__(self, refused):
        self.refused = refused

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        # Python's own parser reads the mail, with none of our code.
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part for part in mail.walk() if not part.is_multipart()}
        tell({
            "mail": {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "encrypted": server.transport.get_extra_info("sslcontext") is not None,
                "signedIn": bool(session.authenticated),
                "type": mail.get_content_type(),
                "subject": str(mail["Subject"]),
                "headers": {name: str(value) for name, value in mail.items()},
                "parts": list(parts),
                "text": parts["text/plain"].get_content() if "text/plain" in parts else "",
                "html": parts["text/html"].get_content() if "text/html" in parts else "",
                "longestLine": max(len(line) for line in envelope.content.split(b"\r\n")),
                "bareLineFeeds": envelope.content.replace(b"\r\n", b"").count(b"\n"),
            }
        })
        return "250 taken"


async def serve(options):
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)

    def authenticate(server, session, envelope, mechanism, data):
        user, password = data.login.decode(), data.password.decode()
        tell({"signIn": {"user": user}})
        isRight = (user, password) == (options.user, options.password)
        return AuthResult(success=isRight, handled=False)

    def session():
        return SMTP(
            Handler(json.loads(options.refused)),
            hostname="mail.test",
            tls_context=context if options.security == "starttls" else None,
            require_starttls=options.security == "starttls",
            authenticator=authenticate if options.user else None,
            auth_required=bool(options.user),
            auth_require_tls=not options.user,  # then AUTH is not even offered in plain text
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        session, options.address, 0, ssl=context if options.security == "tls" else None
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(1)


parser = argparse.ArgumentParser()
parser.add_argument("--address", default="127.0.0.1")
parser.add_argument("--security", choices=["starttls", "tls", "none"], default="none")
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--user", default="")
parser.add_argument("--password", default="")
parser.add_argument("--refused", default="{}", help="addresses and the answers they get")
asyncio.run(serve(parser.parse_args()))
