"""Keys that show what they are: the formats of the known vendors, JSON Web Tokens and webhooks.

The formats follow the rules of gitleaks, GitHub's list of secret scanning patterns and the vendors' own pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from snapfix.redaction import entropy
from snapfix.redaction.text import NO_WORD_BEFORE, Span, matches

_ALNUM, _WORD, _HEX = "[A-Za-z0-9]", "[A-Za-z0-9_-]", "[0-9a-f]"

_KEYS = (
    # Models
    rf"sk-ant-{_WORD}{{16,}}",  # Anthropic
    rf"sk-(?:proj|svcacct|admin|or-v1|lf|None)-{_WORD}{{20,}}",  # OpenAI, OpenRouter, Langfuse
    rf"sk-{_ALNUM}{{20,}}(?!{_WORD})",  # OpenAI, DeepSeek
    rf"gsk_{_ALNUM}{{32,}}",  # Groq
    rf"(?:xai|pplx)-{_ALNUM}{{32,}}",  # xAI, Perplexity
    rf"(?:nvapi|csk|tvly|fc)-{_WORD}{{24,}}",  # NVIDIA, Cerebras, Tavily, Firecrawl
    rf"(?:hf|api_org)_{_ALNUM}{{30,}}",  # Hugging Face
    rf"r8_{_ALNUM}{{32,}}",  # Replicate
    rf"fw_(?=[A-Za-z]{{0,23}}[0-9])(?=[a-z0-9]{{0,23}}[A-Z]){_ALNUM}{{24}}(?!{_WORD})",  # Fireworks
    rf"(?:tgp_v1|wandb_v1|jina|pcsk|lsv2_[a-z]{{2}})_{_WORD}{{32,}}",  # Together, W&B, Jina, Pinecone, LangSmith
    # Clouds
    r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",  # Amazon Web Services
    rf"ABSK{_ALNUM}{{100,}}={{0,2}}",  # Amazon Bedrock
    rf"AIza{_WORD}{{35}}",  # Google
    rf"(?:GOCSPX-|ya29\.|AQ\.Ab8){_WORD}{{20,}}",
    rf"1//0{_WORD}{{40,}}",
    rf"{_WORD}{{76}}(?:AZDO|\+AStA|\+AMC[A-Z]|AzSe){_ALNUM}{{4,5}}={{0,2}}",  # Azure, with a checksum
    r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}",  # Azure, the secret of an application
    r"do[opr]_v1_[a-f0-9]{64}",  # DigitalOcean
    rf"LTAI{_ALNUM}{{17,21}}(?!{_ALNUM})",  # Alibaba
    rf"AQVN{_WORD}{{35,}}",  # Yandex
    rf"(?:cfut|cfat|cfk)_{_ALNUM}{{40,}}",  # Cloudflare
    r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}",
    rf"HRKU-AA{_WORD}{{50,}}",  # Heroku
    r"(?:fo1|fm[12][ar]?)_[A-Za-z0-9+/_=-]{40,}",  # Fly.io
    rf"(?:vcp|vci|vca|vcr|vck)_{_ALNUM}{{24,}}",  # Vercel
    rf"(?:nfp|nfc|nfo|nfb|nfu)_{_ALNUM}{{30,}}",  # Netlify
    r"dapi[a-f0-9]{32}",  # Databricks
    r"sb_(?:secret|publishable)_[A-Za-z0-9_-]{20,}|sbp_[a-f0-9]{40}",  # Supabase
    rf"(?:napi|rnd)_{_ALNUM}{{28,}}",  # Neon, Render
    rf"pscale_(?:tkn|oauth|pw)_{_WORD}{{32,}}",  # PlanetScale
    rf"tskey-[a-z]{{3,12}}-{_WORD}{{16,}}",  # Tailscale
    rf"sha256~{_WORD}{{43}}",  # OpenShift
    # Code and packages
    rf"github_pat_{_WORD}{{20,}}",
    rf"gh[pousr]_{_WORD}{{20,}}(?:\.{_WORD}{{8,}}){{0,2}}",
    # GitLab
    rf"gl(?:pat|dt|rt|cbt|ptt|oas|soat|ft|agent|imt|ffct)-{_WORD}{{20,}}(?:\.[0-9a-z]{{2}}\.[0-9a-z]{{7,9}})?",
    rf"GR1348941{_WORD}{{20,}}",
    rf"ATBB{_ALNUM}{{28,}}",  # Bitbucket
    rf"AT[AC]TT3{_WORD}{{100,}}(?:=[A-Fa-f0-9]{{8}})?",  # Atlassian
    rf"pypi-{_WORD}{{50,}}",
    rf"npm_{_ALNUM}{{36}}",
    r"rubygems_[a-f0-9]{48}|oy2[a-z0-9]{43}(?![a-z0-9])",  # RubyGems, NuGet
    rf"cio{_ALNUM}{{32}}(?!{_ALNUM})",  # crates.io
    rf"dckr_[op]at_{_WORD}{{24,}}",  # Docker Hub
    rf"AKCp{_ALNUM}{{60,}}",  # Artifactory
    rf"CCIP(?:AT|RJ)_{_ALNUM}{{10,}}_[a-f0-9]{{40}}",  # CircleCI
    rf"bk(?:ua|pi|ct)_{_ALNUM}{{32,}}",  # Buildkite
    rf"sq[upa]_[a-f0-9]{{40}}|sgp_{_ALNUM}{{32,}}",  # SonarQube, Sourcegraph
    rf"pul-[a-f0-9]{{40}}|{_ALNUM}{{14}}\.atlasv1\.{_WORD}{{60,}}",  # Pulumi, Terraform Cloud
    # Messages, mail, telephones
    rf"xox[abeoprs](?:\.xox[a-z])?-{_WORD}{{10,}}|xapp-[0-9]-{_WORD}{{10,}}",  # Slack
    rf"(?:bot)?[0-9]{{8,10}}:AA{_WORD}{{32,34}}(?!{_WORD})",  # Telegram
    rf"[MNO]{_WORD}{{23,27}}\.{_WORD}{{6}}\.{_WORD}{{27,40}}",  # Discord
    rf"SG\.{_WORD}{{16,32}}\.{_WORD}{{16,64}}",  # SendGrid
    rf"xkeysib-[a-f0-9]{{64}}-{_ALNUM}{{16}}",  # Brevo
    r"SK[0-9a-f]{32}",  # Twilio
    rf"key-{_HEX}{{32}}|{_HEX}{{32}}-us[0-9]{{1,2}}(?![0-9])|{_HEX}{{32}}-{_HEX}{{8}}-{_HEX}{{8}}(?!{_HEX})",
    # ... Mailgun, Mailchimp, Mailgun again
    # Payment and shops
    rf"(?:sk|rk|rzp)_(?:live|test)_{_ALNUM}{{10,}}",  # Stripe, Clerk, WorkOS, Razorpay
    r"whsec_[A-Za-z0-9+/=]{20,}",
    r"shp(?:at|ca|pa|ss|tka)_[a-fA-F0-9]{32}",  # Shopify
    rf"sq0(?:atp|csp|idp)-{_WORD}{{22,}}|EAAA{_WORD}{{56,}}",  # Square
    rf"EAA[A-Z]{_ALNUM}{{80,}}",  # Facebook
    rf"pdl_(?:live|sdbx)_apikey_{_WORD}{{40,}}",  # Paddle
    rf"(?:shippo|duffel)_(?:live|test)_{_WORD}{{32,}}",
    rf"EZ[AT]K{_ALNUM}{{54}}|FLWSECK(?:_TEST)?-{_ALNUM}{{12,}}(?:-X)?",  # EasyPost, Flutterwave
    # Watching
    r"sntry[su]_[A-Za-z0-9+/=_-]{40,}",  # Sentry
    rf"NR(?:AK|II|IQ|RA|JS|AA)-{_WORD}{{19,}}",  # New Relic
    r"gl(?:sa|c)_[A-Za-z0-9+/=_]{32,}",  # Grafana
    r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}",  # Dynatrace
    rf"dd(?:app|pat)_{_ALNUM}{{30,}}",  # Datadog
    rf"ph[xs]_{_ALNUM}{{36,}}",  # PostHog
    # Secrets' own keepers
    rf"hv[sbr]\.{_WORD}{{24,}}",  # HashiCorp Vault
    rf"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{{2,35}}\.)?{_ALNUM}{{40,44}}",  # Doppler
    r"AGE-SECRET-KEY-1[0-9A-Z]{50,}",
    r"A3-[A-Z0-9]{6}-[A-Z0-9-]{20,30}",  # 1Password
    r"ops_eyJ[A-Za-z0-9+/=_-]{100,}",
    # Everything else
    rf"lin_(?:api|oauth)_{_ALNUM}{{32,}}",  # Linear
    rf"ntn_{_ALNUM}{{40,}}|secret_{_ALNUM}{{43}}(?!{_ALNUM})",  # Notion
    r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}",  # Postman
    rf"fig[dou]r?_{_WORD}{{36,}}",  # Figma
    rf"pat{_ALNUM}{{14}}\.[a-f0-9]{{64}}",  # Airtable
    rf"pat-[a-z]{{2}}[0-9]-{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}",  # HubSpot
    rf"CFPAT-{_WORD}{{40,}}|tfp_{_WORD}{{40,}}|p8e-{_WORD}{{32}}|fio-u-{_WORD}{{60,}}",  # Contentful, Typeform, Adobe
    rf"pnu_{_ALNUM}{{36}}|rdme_[a-z0-9]{{70}}|ico-{_ALNUM}{{32}}|API-[A-Z0-9]{{25,28}}(?![A-Za-z0-9])",
    # ... Prefect, ReadMe, Infracost, Octopus Deploy
    rf"[sp]k\.eyJ{_WORD}{{40,}}\.{_WORD}{{20,}}",  # Mapbox
    rf"A{{20,}}{_ALNUM}{{60,}}",  # X, formerly Twitter
)
_SHORT = (
    # Words begin like these, too: the rest must be random.
    rf"s\.({_ALNUM}{{24}})(?!{_WORD})",  # HashiCorp Vault before 1.10
    rf"00({_WORD}{{40}})(?!{_WORD})",  # Okta
    rf"re_({_ALNUM}{{8}}_{_ALNUM}{{20,28}})(?!{_WORD})",  # Resend
    rf"(?:sk|dd|rt|at|key|api|token|live|test)_({_ALNUM}{{20,64}})(?!{_WORD})",  # ElevenLabs, Lob, ...
)
_WEBHOOKS = (
    r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{20,120})",
    r"discord(?:app)?\.com/api/webhooks/([0-9]{10,20}/[\w-]{40,100})",
    r"\.webhook\.office\.com/webhookb?2?/([\w@/-]{40,300})",
    r"hooks\.zapier\.com/hooks/catch/([0-9]{4,12}/[\w-]{4,40})",
    r"\.logic\.azure\.com[^\s\"']{1,200}sig=([\w%-]{20,80})",
)


@cache
def _long_word() -> re.Pattern[str]:
    """What a key can stand in: so few words are this long that they alone are looked at."""
    return re.compile(r"[A-Za-z0-9_.:~+/=-]{18,}")


@cache
def _key() -> re.Pattern[str]:
    return re.compile(f"{NO_WORD_BEFORE}(?:{'|'.join(_KEYS)})")


@cache
def _short_key() -> re.Pattern[str]:
    return re.compile(f"{NO_WORD_BEFORE}(?:{'|'.join(_SHORT)})")


@cache
def _jwt() -> re.Pattern[str]:
    return re.compile(NO_WORD_BEFORE + r"eyJ[A-Za-z0-9_-]{8,3000}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,3}")


@cache
def _webhook() -> re.Pattern[str]:
    return re.compile("|".join(_WEBHOOKS))


def find_keys(text: str) -> Iterator[Span]:
    """Keys with a format of their own."""
    for word in _long_word().finditer(text):
        for match in _key().finditer(text, *word.span()):
            yield (*match.span(), "api-key")
        for match in _short_key().finditer(text, *word.span()):
            if entropy.looks_random(match[match.lastindex or 0]):
                yield (*match.span(), "api-key")


def find_json_web_tokens(text: str) -> Iterator[Span]:
    """Signed (three parts) and encrypted (five parts) tokens."""
    if "eyJ" in text:
        for match in _jwt().finditer(text):
            yield (*match.span(), "jwt")


def find_webhooks(text: str) -> Iterator[Span]:
    """Addresses that whoever knows them may post to: the part that is secret."""
    for match in matches(text, ("hook", "logic.azure"), _webhook()):
        yield (*match.span(match.lastindex or 0), "webhook")
