"""What every request goes through: who calls is made known, scopes are held, and arguments that nobody has are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver.tools import Tool
from mcp.types import INVALID_PARAMS, CallToolResult, ListToolsResult, TextContent
from pydantic import ValidationError

from mcp import MCPError
from meshkit_mcp.budgets import clean, did_you_mean
from meshkit_mcp.callers import READ, Caller, Callers, calling

_OPEN = ("initialize", "ping", "server/discover", "tools/list", "tools/call")
"""Methods that need no scope of their own; of a tool, its own scope counts."""
_MOST_SAID = 5
_LONGEST_URI = 500


class Gate:
    """The middleware.

    Args:
        callers: Says who calls.
        tools: All tools, by name.
        scopes: The scope that each tool needs.
        prompts: The arguments of each prompt.
    """

    def __init__(
        self,
        callers: Callers,
        tools: Mapping[str, Tool],
        scopes: Mapping[str, str],
        prompts: Mapping[str, Mapping[str, bool]],
    ) -> None:
        self._callers, self._tools, self._scopes, self._prompts = callers, tools, scopes, prompts

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Pass on what is known and allowed."""
        caller = self._callers(ctx)
        with calling(caller):
            params = ctx.params or {}
            if ctx.method == "tools/call":
                refused = self._refused(str(params.get("name")), params.get("arguments"), caller)
                if refused:
                    return refusal(refused)
            elif ctx.method == "resources/read":
                _readable(str(params.get("uri")))
            elif ctx.method == "prompts/get":
                self._prompt(str(params.get("name")), params.get("arguments"))
            if ctx.method not in _OPEN and not ctx.method.startswith("notifications/") and READ not in caller.scopes:
                raise MCPError(code=INVALID_PARAMS, message=_lacking(READ))
            result = await call_next(ctx)
            return self._shown(result, caller) if ctx.method == "tools/list" else result

    def _refused(self, name: str, arguments: Any, caller: Caller) -> str:
        """Say why a call is refused; nothing where it is not."""
        tool = self._tools.get(name)
        if tool is None:
            offered = [n for n, scope in self._scopes.items() if scope in caller.scopes]
            return f"unknown tool '{clean(name, 80)}': {did_you_mean(name, offered)}"
        if self._scopes[name] not in caller.scopes:
            return _lacking(self._scopes[name])
        given = arguments if isinstance(arguments, Mapping) else {}
        unknown = _unknown(given, list(tool.parameters["properties"]))
        if unknown:
            return unknown
        try:
            tool.fn_metadata.validate_arguments(dict(given))
        except ValidationError as error:
            return _wrong(error)
        return ""

    def _prompt(self, name: str, arguments: Any) -> None:
        known = self._prompts.get(name)
        given = arguments if isinstance(arguments, Mapping) else {}
        if known is None:
            refused = f"unknown prompt '{clean(name, 80)}': {did_you_mean(name, list(self._prompts))}"
        else:
            missing = [n for n, is_required in known.items() if is_required and not given.get(n)]
            refused = _unknown(given, list(known)) or "; ".join(f"argument '{n}' is missing" for n in missing)
        if refused:
            raise MCPError(code=INVALID_PARAMS, message=refused)

    def _shown(self, result: HandlerResult, caller: Caller) -> HandlerResult:
        """Leave out the tools that the caller's scopes do not allow."""
        if not isinstance(result, ListToolsResult):
            return result
        tools = [t for t in result.tools if self._scopes[t.name] in caller.scopes]
        return result.model_copy(update={"tools": tools})


def _readable(uri: str) -> None:
    """Refuse an address that nothing here can have, so that it is never repeated as it was written."""
    if len(uri) > _LONGEST_URI or clean(uri, _LONGEST_URI) != uri:
        shown = clean(uri, 80)
        raise MCPError(code=INVALID_PARAMS, message=f"Unknown resource: {shown}", data={"uri": shown})


def refusal(text: str) -> CallToolResult:
    """Return what a tool answers that refuses."""
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def _lacking(scope: str) -> str:
    return f"this needs the scope {scope}, which this connection has not: ask whoever runs the server for it"


def _unknown(given: Mapping[str, Any], known: list[str]) -> str:
    unknown = [name for name in given if name not in known]
    return "; ".join(f"unknown argument '{clean(n, 80)}': {did_you_mean(n, known)}" for n in unknown[:_MOST_SAID])


def _wrong(error: ValidationError) -> str:
    """Say what is wrong with arguments, without repeating their values."""
    said = (
        f"argument '{clean('.'.join(map(str, e['loc'])), 80)}': {clean(e['msg'])}"
        for e in error.errors(include_url=False, include_input=False, include_context=False)[:_MOST_SAID]
    )
    return "; ".join(said)
