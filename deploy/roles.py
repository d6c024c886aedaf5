"""The roles of the database (deploy/migrations/0003_roles.sql), and whether a login may do too much."""

from urllib.parse import quote, urlsplit

from activities.starting import Database

__all__ = ["ENGINE", "FEED", "GATEWAY", "KEEPER", "OPENER", "READER", "SIGNER", "as_role", "may_change_the_record"]

ENGINE, FEED, READER, SIGNER = "probity_engine", "probity_feed", "probity_reader", "probity_signer"
KEEPER, OPENER, GATEWAY = "probity_keeper", "probity_opener", "probity_gateway"

# The owner, who has given these rights up, may take them back: owning is as good as having.
MAY_CHANGE = """
SELECT bool_or(pg_has_role(relowner, 'MEMBER') OR has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER'))
FROM pg_class WHERE oid IN ('probity.event'::regclass, 'probity.command'::regclass)
"""


def as_role(database_url: str, role: str) -> str:
    """The same login, with the rights of this role and no others from its first statement on.

    For a machine of one's own, where the owner's login is all there is. The owner can drop the role again: a service
    logs in as the role itself.
    """
    parts = urlsplit(database_url)
    query = "&".join(filter(None, (parts.query, f"options={quote(f'-c role={role}')}")))
    return parts._replace(query=query).geturl()


async def may_change_the_record(database: Database) -> bool:
    """Whether the login could change or remove what is recorded, or give itself the right to."""
    return bool(await database.fetchval(MAY_CHANGE))
